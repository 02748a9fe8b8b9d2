//! Holds the rules of ARCHITECTURE.md against the text of `src/`: which room may know which, which room may name a
//! foreign library, how long a file may be. It reads Rust word by word, without types, so a path that only a macro
//! builds goes unseen; everything that people write by hand is seen.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Rooms and the floor each stands on. A room imports only from floors below its own.
const FLOORS: [(&str, u8); 14] = [
    ("base", 1),
    ("geo", 2),
    ("model", 3),
    ("io", 4),
    ("analysis", 4),
    ("live", 4),
    ("sim", 4),
    ("study", 5),
    ("report", 5),
    ("demo", 5),
    ("session", 6),
    ("text", 6),
    ("cli", 7),
    ("desktop", 7),
];

/// Neighbours on one floor that may see each other, in this direction only.
const NEIGHBOURS: [(&str, &str); 2] = [
    // The session keeps which language is chosen.
    ("session", "text"),
    // `island-twin open` starts the window.
    ("cli", "desktop"),
];

/// Libraries and the rooms that alone may name them. SQLite holds the project file, which is `io`'s, and the history of
/// readings, which is `live`'s: neither room sees the other.
const OWNED: [(&str, &[&str]); 18] = [
    ("bevy", &["desktop"]),
    ("bevy_egui", &["desktop"]),
    ("egui", &["desktop"]),
    ("egui_file_dialog", &["desktop"]),
    ("egui_kittest", &["desktop"]),
    ("egui_phosphor", &["desktop"]),
    ("egui_plot", &["desktop"]),
    ("wgpu", &["desktop"]),
    ("winit", &["desktop"]),
    ("gdal", &["io"]),
    ("gdal_sys", &["io"]),
    ("shapefile", &["io"]),
    ("dbase", &["io"]),
    ("rusqlite", &["io", "live"]),
    ("rumqttc", &["live"]),
    ("rustls", &["live"]),
    ("ureq", &["live"]),
    ("postgres", &["live"]),
];

/// The simulations: they share `sim::run` and `sim::fields` and nothing else of `sim`, but for those below.
const SIMULATIONS: [&str; 4] = ["fire", "air", "water", "traffic"];

/// What carries pollution, and who may see it.
const CARRIED: (&str, [&str; 2]) = ("transport", ["air", "water"]);

/// Macros that write past the user interface or end the program.
const BANNED_MACROS: [&str; 7] = ["println", "eprintln", "print", "eprint", "dbg", "todo", "unimplemented"];

const LONGEST_FILE: usize = 500;

#[test]
fn the_house_keeps_its_rules() {
    let files = source_files().unwrap();
    assert!(files.len() > 30, "only {} files found: is this the right folder?", files.len());
    let broken: Vec<String> = files.iter().flat_map(|(path, text)| check(path, text)).collect();
    assert!(broken.is_empty(), "ARCHITECTURE.md is broken here:\n{}", broken.join("\n"));
}

/// The reader sees the imports that are there: a check that finds nothing would also pass.
#[test]
fn the_imports_that_exist_are_seen() {
    let files = source_files().unwrap();
    for (room, seen) in [("model", "geo"), ("session", "model")] {
        let found = files.iter().any(|(path, text)| {
            path.starts_with(room)
                && paths(&tokens(text), path).iter().any(|p| p.names.get(..2) == Some(&["crate", seen]))
        });
        assert!(found, "no import of {seen} seen in {room}");
    }
}

#[test]
fn a_floor_imports_only_floors_below() {
    assert_broken("geo/crs.rs", "use crate::model::layer::Layer;", "floor");
    assert_broken("io/import.rs", "use crate::{base::units, sim::run::Run};", "floor");
    assert_broken("analysis/check.rs", "use crate::io::import::Imported;", "floor");
    assert_broken("sim/fire/spread.rs", "fn f() -> crate::live::Reading { g() }", "floor");
    assert_broken("text/catalog.rs", "use crate::session::notice::Notice;", "base only");
    assert_broken("text/catalog.rs", "use crate::model::layer::Layer;", "base only");
    assert_broken("desktop/view/x.rs", "use crate::cli::open;", "floor");
    assert_broken("model/layer.rs", "use super::super::io::import;", "floor");
    assert_broken("attic/x.rs", "fn f() {}", "no floor");
    assert_fine(
        "session/command.rs",
        "use crate::text::Language;\nuse crate::{io::import, model::{layer::LayerId, table}};",
    );
    assert_fine("cli/open.rs", "use crate::desktop::start;");
    assert_fine(
        "model/layer.rs",
        "// use crate::io::x;\n/* crate::sim */ const A: &str = \"crate::cli::x\"; use super::style::Style;",
    );
}

#[test]
fn view_and_ui_do_not_see_each_other_nor_do_simulations() {
    assert_broken("desktop/view/picking.rs", "use crate::desktop::ui::shell;", "view");
    assert_broken("desktop/ui/shell.rs", "use super::super::{bridge, view::camera};", "view");
    assert_broken("desktop/ui/mod.rs", "pub use super::view::camera;", "view");
    assert_fine("desktop/ui/shell.rs", "use crate::desktop::bridge; use super::layers;");
    assert_broken("sim/fire/spread.rs", "use crate::sim::air::plume;", "share only");
    assert_broken("sim/fire/spread.rs", "use super::super::water;", "share only");
    assert_broken("sim/traffic/model.rs", "use crate::sim::transport::field::Field;", "share only");
    assert_broken("sim/transport/field.rs", "use crate::sim::air::plume;", "share only");
    assert_fine("sim/water/sea.rs", "use crate::sim::transport::field::Field;");
    assert_fine("sim/fire/spread.rs", "use crate::sim::{fields::FieldKey, fire::fuel, run::Simulation};");
}

#[test]
fn foreign_libraries_stay_in_their_room() {
    assert_broken("session/jobs.rs", "use bevy::prelude::*;", "bevy");
    assert_broken("cli/render.rs", "fn f(ui: &mut egui::Ui) {}", "egui");
    assert_broken("demo/roads.rs", "use {gdal::Dataset, std::fs};", "gdal");
    assert_broken("sim/run.rs", "use std::net::TcpStream;", "std::net");
    assert_broken("main.rs", "fn main() { island_twin::io::import(); }", "thin");
    assert_fine("main.rs", "fn main() -> std::process::ExitCode { island_twin::cli::main() }");
    assert_fine("desktop/bridge.rs", "use bevy::prelude::*; use bevy_egui::egui;");
    assert_fine("geo/a.rs", "fn f(gdal: u8) -> u8 { gdal + self.egui.len() }");
}

#[test]
fn files_stay_short_and_lists_stay_lists() {
    let long = "fn f() {}\n".repeat(LONGEST_FILE + 1);
    assert_broken("geo/long.rs", &long, "lines");
    assert_fine("geo/long.rs", &format!("//! Signs.\n//!\n//! Long because the table of signs is one thing.\n{long}"));
    assert_broken("geo/mod.rs", "pub mod crs;\npub fn helper() {}", "lists");
    assert_fine("geo/mod.rs", "pub mod crs;\n#[cfg(test)]\nmod tests { fn helper() {} }");
    assert_fine("cli/mod.rs", "pub fn main() {}");
}

#[test]
fn nothing_panics_or_prints_outside_tests() {
    assert_broken("io/x.rs", "fn f() { open().unwrap(); }", "unwrap");
    assert_broken("io/x.rs", "fn f() { open().expect(\"is there\"); }", "expect");
    assert_broken("io/x.rs", "fn f() { println!(\"{}\", 1); }", "println");
    assert_broken("io/x.rs", "#[cfg(test)] mod tests { fn g() {} } fn f() { dbg!(1); }", "dbg");
    assert_fine(
        "io/x.rs",
        "/// x.unwrap()\nfn f() { x.unwrap_or(1); p.expect(b','); let c = '\"'; let s: &'static str = r#\"println!(\"#; }",
    );
    assert_fine("io/x.rs", "#[cfg(test)]\nmod tests { #[test] fn f() { g().unwrap(); println!(); } }\n");
    assert_fine("cli/info.rs", "fn f() { println!(\"{}\", 1); }");
}

/// What is wrong with one file; `path` is relative to `src/`.
fn check(path: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let all = tokens(text);
    let rooms: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();

    for found in paths(&all, path) {
        if let Some(why) = forbidden(&rooms, &found.names) {
            broken.push(format!("src/{path}:{}: {}: {why}", found.line, found.names.join("::")));
        }
    }
    if rooms.len() > 1 && floor(rooms[0]).is_none() {
        broken.push(format!(
            "src/{path}: the room {} has no floor in ARCHITECTURE.md and tests/architecture.rs",
            rooms[0]
        ));
    }

    let code = without_tests(&all);
    if path.ends_with("/mod.rs")
        && path != "cli/mod.rs"
        && let Some(t) = code.iter().find(|t| t.text == "fn")
    {
        broken.push(format!("src/{path}:{}: a mod.rs only lists; move this function into a file of its own", t.line));
    }
    if !rooms.contains(&"tests") {
        let prints = rooms[0] == "cli" || path == "main.rs";
        for w in code.windows(4) {
            let ([before, name, after, last], line) = ([w[0].text, w[1].text, w[2].text, w[3].text], w[1].line);
            let called = before == "." && after == "(";
            if called && (name == "unwrap" || name == "expect" && last == "\"") {
                broken.push(format!("src/{path}:{line}: {name}() outside tests; return an error"));
            }
            if after == "!" && BANNED_MACROS.contains(&name) && !(prints && name.contains("print")) {
                broken.push(format!("src/{path}:{line}: {name}! outside tests; send a Message or use tracing"));
            }
        }
    }

    let lines = text.lines().count();
    if lines > LONGEST_FILE && !text.lines().any(|l| l.starts_with("//! Long because ")) {
        broken.push(format!("src/{path}: {lines} lines; split it, or say \"//! Long because ...\" at its top"));
    }
    broken
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// Why a file in `rooms` may not name `path`, if so.
fn forbidden(rooms: &[&str], path: &[&str]) -> Option<String> {
    let (own, inner) = (rooms[0], rooms.get(1).copied());
    if path[0] != "crate" {
        if own == "main" && path[0] == "island_twin" && path.get(1) != Some(&"cli") {
            return Some("the binary is thin: it knows cli only".to_owned());
        }
        if path.starts_with(&["std", "net"]) && own != "live" {
            return Some("only live names std::net".to_owned());
        }
        let (_, owners) = OWNED.iter().find(|(library, _)| *library == path[0])?;
        return (!owners.contains(&own)).then(|| format!("only {} names this library", owners.join(" and ")));
    }
    let target = *path.get(1)?;
    let target_floor = floor(target)?;
    if target != own {
        if own == "text" && target != "base" {
            return Some("text sees base only".to_owned());
        }
        let allowed = floor(own).is_none_or(|mine| target_floor < mine) || NEIGHBOURS.contains(&(own, target));
        return (!allowed).then(|| "a floor imports only floors below it".to_owned());
    }
    let (inner, wanted) = (inner?, *path.get(2)?);
    match own {
        "desktop" if [(inner, wanted), (wanted, inner)].contains(&("view", "ui")) => {
            Some("view and ui never see each other: both read the session".to_owned())
        }
        "sim" if SIMULATIONS.contains(&inner) && SIMULATIONS.contains(&wanted) && inner != wanted => {
            Some("simulations share only sim::run and sim::fields".to_owned())
        }
        "sim" if wanted == CARRIED.0 && SIMULATIONS.contains(&inner) && !CARRIED.1.contains(&inner) => {
            Some("simulations share only sim::run and sim::fields; transport is for air and water".to_owned())
        }
        "sim" if inner == CARRIED.0 && SIMULATIONS.contains(&wanted) => {
            Some("transport knows no simulation; they share only what lies below them".to_owned())
        }
        _ => None,
    }
}

struct Found<'a> {
    names: Vec<&'a str>,
    line: usize,
}

/// All paths in a file, `use` trees spread out and `super`, `self` resolved. A file's inline modules are not counted
/// as levels, so a chain of `super` in one may resolve one level too high, never too low.
fn paths<'a>(tokens: &[Token<'a>], file: &'a str) -> Vec<Found<'a>> {
    let module: Vec<&str> = file.trim_end_matches(".rs").trim_end_matches("/mod").split('/').collect();
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let next = follow(tokens, i, &[], &mut found);
        i = next.max(i + 1);
    }
    for path in &mut found {
        let supers = path.names.iter().take_while(|n| **n == "super" || **n == "self").count();
        if supers > 0 {
            let up = path.names.iter().take(supers).filter(|n| **n == "super").count();
            let mut names = vec!["crate"];
            names.extend(module.iter().take(module.len().saturating_sub(up)));
            names.extend(path.names.iter().skip(supers));
            path.names = names;
        }
    }
    found
}

/// Reads one path or `use` tree that starts at token `i`; returns where it ends.
fn follow<'a>(tokens: &[Token<'a>], i: usize, prefix: &[&'a str], found: &mut Vec<Found<'a>>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |t| t.text);
    let starts = is_name(text(i)) && (i == 0 || !matches!(text(i - 1), "." | "fn" | "mod"));
    if !starts {
        return i;
    }
    let line = tokens[i].line;
    let mut names = prefix.to_vec();
    names.push(text(i));
    let mut at = i + 1;
    while text(at) == "::" {
        if is_name(text(at + 1)) {
            names.push(text(at + 1));
            at += 2;
        } else if text(at + 1) == "{" {
            at += 2;
            while at < tokens.len() && text(at) != "}" {
                at = follow(tokens, at, &names, found).max(at + 1);
            }
            return at + 1;
        } else {
            at += 2;
            break;
        }
    }
    // A lone word is a path only after `use`, or inside a tree.
    if names.len() > 1 || (i > 0 && matches!(text(i - 1), "use" | "crate")) {
        found.push(Found { names, line });
    }
    at
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Tokens outside items marked `#[cfg(test)]` or `#[test]`.
fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let marks: [&[&str]; 2] = [&["#", "[", "cfg", "(", "test", ")", "]"], &["#", "[", "test", "]"]];
    let mut kept = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let here = &tokens[i..];
        let mark = marks.iter().find(|m| here.len() >= m.len() && m.iter().zip(here).all(|(a, b)| *a == b.text));
        let Some(mark) = mark else {
            kept.push(tokens[i]);
            i += 1;
            continue;
        };
        i += mark.len();
        let mut depth = 0_usize;
        while let Some(t) = tokens.get(i) {
            i += 1;
            match t.text {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && matches!(t.text, "}" | ";") {
                break;
            }
        }
    }
    kept
}

#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

/// Words, `::` and single signs; comments left out, every string literal as one `"`.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, shown) = match first {
            c if c.is_whitespace() => (c.len_utf8(), ""),
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), ""),
            '/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |e| e + 2), ""),
            '"' => (string_length(rest), "\""),
            'r' if raw_string_length(rest).is_some() => (raw_string_length(rest).unwrap_or(1), "\""),
            '\'' => (quote_length(rest), ""),
            ':' if rest.starts_with("::") => (2, "::"),
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                (end, &rest[..end])
            }
            c => (c.len_utf8(), &rest[..c.len_utf8()]),
        };
        if !shown.is_empty() {
            out.push(Token { text: shown, line });
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    out
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return i + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

fn raw_string_length(rest: &str) -> Option<usize> {
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    rest[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = 2 + hashes;
    Some(rest[start..].find(&end).map_or(rest.len(), |e| start + e + end.len()))
}

/// A character literal, or the quote of a lifetime.
fn quote_length(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(1, |e| e + 4),
        Some((at, c)) if rest[at + c.len_utf8()..].starts_with('\'') => at + c.len_utf8() + 1,
        _ => 1,
    }
}

/// Every Rust file under `src/` by its path from there, in order.
fn source_files() -> io::Result<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            Ok((name, fs::read_to_string(&path)?))
        })
        .collect()
}

#[track_caller]
fn assert_broken(path: &str, text: &str, why: &str) {
    let broken = check(path, text);
    assert!(broken.iter().any(|b| b.contains(why)), "{path}: {text}\nexpected \"{why}\", got {broken:?}");
}

#[track_caller]
fn assert_fine(path: &str, text: &str) {
    let broken = check(path, text);
    assert!(broken.is_empty(), "{path}: {text}\n{broken:?}");
}
