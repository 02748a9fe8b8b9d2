//! Holds the licence and source lists of `deny.toml` against what cargo would build, without any tool to install.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn every_dependency_may_be_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = std::fs::read_to_string(root.join("deny.toml")).unwrap();
    let allowed = list(&rules, "allow = [");
    let exceptions = list(&rules, "exceptions = [");
    let banned = list(&rules, "deny = [");
    assert!(allowed.len() > 5 && !banned.is_empty(), "deny.toml was not understood: {allowed:?}, {banned:?}");

    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--all-features", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "only {} packages", packages.len());

    let mut broken = Vec::new();
    for package in packages {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let (name, licence, source) = (text("name"), text("license"), text("source"));
        if name == env!("CARGO_PKG_NAME") {
            continue;
        }
        let excepted = exceptions.iter().any(|e| e == name) && exceptions.iter().any(|e| e == licence);
        if !excepted && !permits(licence, &allowed) {
            broken.push(format!("{name}: licence \"{licence}\""));
        }
        if source != "registry+https://github.com/rust-lang/crates.io-index" {
            broken.push(format!("{name}: comes from \"{source}\", not from crates.io"));
        }
        if banned.iter().any(|b| b == name) {
            broken.push(format!("{name}: banned"));
        }
    }
    assert!(broken.is_empty(), "deny.toml does not allow:\n{}", broken.join("\n"));
}

#[test]
fn licence_expressions_are_understood() {
    let allowed: Vec<String> = ["MIT", "Apache-2.0", "Zlib"].map(str::to_owned).to_vec();
    for fine in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR GPL-3.0) AND Zlib", "MIT AND (GPL-3.0 OR (Zlib))"]
    {
        assert!(permits(fine, &allowed), "{fine}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0 WITH LLVM-exception", "(MIT OR Zlib) AND GPL-3.0"] {
        assert!(!permits(bad, &allowed), "{bad}");
    }
}

/// Whether an SPDX expression can be met by allowed licences; AND binds closer than OR, "/" is an old OR.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at, allowed) && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut permitted = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        permitted |= all_of(words, at, allowed);
    }
    permitted
}

fn all_of(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut permitted = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        permitted &= one(words, at, allowed);
    }
    permitted
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let permitted = any_of(words, at, allowed);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return permitted && closed;
    }
    let mut licence = (*word).to_owned();
    if let Some(["WITH", exception]) = words.get(*at..*at + 2) {
        licence = format!("{licence} WITH {exception}");
        *at += 2;
    }
    allowed.contains(&licence)
}

/// The quoted words of a list in `deny.toml`, from the line that starts it to the line that is `]`.
fn list(rules: &str, start: &str) -> Vec<String> {
    rules
        .lines()
        .skip_while(|l| *l != start)
        .take_while(|l| *l != "]")
        .filter(|l| !l.trim_start().starts_with('#'))
        .flat_map(|l| l.split('"').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}
