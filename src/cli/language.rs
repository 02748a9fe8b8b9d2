//! The language of the command line, known before its arguments are read.

use std::ffi::OsString;

use crate::text::Language;

/// `--lang` decides, then ISLAND_TWIN_LANG, then the system's locale; English where none of them says Vietnamese.
#[must_use]
pub fn choose(arguments: &[OsString], variable: impl Fn(&str) -> Option<String>) -> Language {
    let words: Vec<&str> = arguments.iter().filter_map(|a| a.to_str()).collect();
    let given = words
        .iter()
        .find_map(|w| w.strip_prefix("--lang="))
        .or_else(|| words.windows(2).find(|w| w[0] == "--lang").map(|w| w[1]));
    let named = given.map(str::to_owned).or_else(|| {
        ["ISLAND_TWIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| variable(name).filter(|v| !v.is_empty()))
    });
    if named.is_some_and(|n| n.to_ascii_lowercase().starts_with("vi")) { Language::Vi } else { Language::En }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_beats_the_locale() {
        let arguments = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let vietnamese = |name: &str| (name == "LANG").then(|| "vi_VN.UTF-8".to_owned());
        assert_eq!(choose(&arguments(&["x", "info"]), vietnamese), Language::Vi);
        assert_eq!(choose(&arguments(&["x", "--lang", "en"]), vietnamese), Language::En);
        assert_eq!(choose(&arguments(&["x", "--lang=vi"]), |_| None), Language::Vi);
        assert_eq!(choose(&arguments(&["x"]), |_| None), Language::En);
    }
}
