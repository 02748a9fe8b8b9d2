//! The text catalogues: both languages hold the same, the program asks for nothing else, the font has every letter.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use island_twin::text::{Catalog, Language};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Key -> names of variables, over all files of a language.
fn entries(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut entries = BTreeMap::new();
    for (file, text) in files(language) {
        let mut key = String::new();
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            if let Some((name, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                key = name.to_owned();
                assert!(entries.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice, in {}", file.display());
            }
            let names = line.split('$').skip(1).map(|rest| {
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect::<String>()
            });
            if let Some(variables) = entries.get_mut(&key) {
                variables.extend(names);
            }
        }
    }
    entries
}

fn files(language: Language) -> Vec<(PathBuf, String)> {
    let folder = root().join("assets/lang").join(language.code());
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|p| (p.clone(), std::fs::read_to_string(p).unwrap())).collect()
}

#[test]
fn both_languages_hold_the_same_keys_and_variables() {
    let [vi, en] = Language::ALL.map(entries);
    assert!(vi.len() > 200);
    for (key, variables) in &vi {
        assert_eq!(en.get(key), Some(variables), "{key} in English");
    }
    for key in en.keys() {
        assert!(vi.contains_key(key), "{key} in Vietnamese");
    }
}

/// A file that was forgotten in `text/sources.rs`, or an entry that Fluent cannot read, shows here.
#[test]
fn every_entry_of_every_file_is_in_the_program() {
    for language in Language::ALL {
        let catalog = Catalog::load(language);
        for key in entries(language).keys() {
            assert!(catalog.has(key), "{key} ({language:?}) is not built in; see src/text/sources.rs");
        }
    }
}

#[test]
fn the_program_asks_only_for_what_the_catalogues_have() {
    let known = entries(Language::Vi);
    let rooms: BTreeSet<&str> = known.keys().filter_map(|k| k.split('-').next()).collect();
    let mut asked = 0;
    for path in sources(&root().join("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let program = text.split("#[cfg(test)]").next().unwrap();
        for literal in program.split('"').skip(1).step_by(2) {
            let is_key = literal.contains('-')
                && !literal.ends_with('-')
                && literal.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && literal.split('-').next().is_some_and(|room| rooms.contains(room));
            if is_key {
                asked += 1;
                assert!(known.contains_key(literal), "{literal} in {}", path.display());
            }
        }
    }
    assert!(asked > 150, "only {asked} keys found in the sources");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_shipped_fonts_have_every_letter() {
    let mut letters: BTreeSet<char> =
        Language::ALL.into_iter().flat_map(files).flat_map(|(_, text)| text.chars().collect::<Vec<_>>()).collect();
    letters.extend(include_str!("../assets/land-use.csv").chars());
    // What data bring: every Vietnamese letter, in both cases, and the signs of units.
    let vietnamese = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ";
    letters.extend(vietnamese.chars().chain(vietnamese.to_uppercase().chars()));
    letters.extend("0123456789²³°′″·–—…•×±µ©\u{a0}".chars());
    letters.retain(|c| !c.is_control());
    for face in ["NotoSans-Regular.ttf", "NotoSans-SemiBold.ttf"] {
        let bytes = std::fs::read(root().join("assets/fonts").join(face)).unwrap();
        assert!(bytes.len() <= 200_000, "{face} is too large");
        let font = ttf_parser::Face::parse(&bytes, 0).unwrap();
        let missing: String = letters.iter().filter(|c| font.glyph_index(**c).is_none()).collect();
        assert!(missing.is_empty(), "{face} lacks {missing}");
    }
}
