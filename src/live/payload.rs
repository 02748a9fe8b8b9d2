//! What is inside a message: JSON from devices that do not always keep to it, paths into it, and numbers in it.

use serde_json::Value;

use crate::model::sensor::Flags;

/// Values that stand for "no value" in the firmware of many loggers.
const SENTINELS: [f64; 8] = [-9999.0, -999.0, -99_999.0, -9999.9, -999.9, -999.99, -9999.99, -7999.0];

/// Why a value is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueError {
    /// null, NaN, empty, or a logger's code for "no value".
    Missing,
    NotANumber,
}

/// Reads one JSON document and nothing behind it. Bare `NaN` and `Infinity`, which JSON has not but Python writes,
/// become null, so that the other values of the message are not lost.
///
/// # Errors
/// serde_json's words when it is none.
pub fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|error| {
        let repaired = std::str::from_utf8(bytes).ok().and_then(without_nan);
        repaired.map_or(Err(error), |text| serde_json::from_str(&text))
    })
}

/// The text with bare NaN and infinities as null; `None` when there are none.
fn without_nan(text: &str) -> Option<String> {
    const WORDS: [&str; 6] = ["-Infinity", "Infinity", "-NaN", "NaN", "nan", "-inf"];
    let (mut out, mut found, mut quoted, mut escaped) = (String::with_capacity(text.len()), false, false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if !quoted && let Some(word) = WORDS.iter().find(|w| rest.starts_with(**w)) {
            out.push_str("null");
            rest = &rest[word.len()..];
            found = true;
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    found.then_some(out)
}

/// A number out of a value, and what is doubtful about it. Nothing that is no number becomes one, least of all 0.
///
/// # Errors
/// [`ValueError`].
pub fn number(value: &Value) -> Result<(f64, Flags), ValueError> {
    let (number, flags) = match value {
        Value::Number(number) => (number.as_f64().ok_or(ValueError::NotANumber)?, Flags::default()),
        Value::Null => return Err(ValueError::Missing),
        Value::String(text) => (text_number(text.trim())?, Flags::TEXT),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(ValueError::NotANumber),
    };
    if is_sentinel(number) { Err(ValueError::Missing) } else { Ok((number, flags)) }
}

/// Whether a number is a logger's way to say that it has none.
#[must_use]
pub fn is_sentinel(number: f64) -> bool {
    SENTINELS.contains(&number)
}

/// A number that came as text; a decimal comma is understood where it can be nothing else.
///
/// # Errors
/// [`ValueError`].
pub fn text_number(text: &str) -> Result<f64, ValueError> {
    const NOTHING: [&str; 9] = ["", "-", "--", "nan", "null", "none", "n/a", "na", "#n/a"];
    if NOTHING.contains(&text.to_lowercase().as_str()) {
        return Err(ValueError::Missing);
    }
    let plain = |t: &str| t.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    let parsed = if plain(text) {
        text.parse::<f64>().ok()
    } else {
        // "12,5" is twelve and a half; "12,500" may be twelve thousand and is refused.
        text.split_once(',').and_then(|(whole, part)| {
            let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
            let whole_digits = digits(whole.trim_start_matches(['-', '+']));
            let clear = whole_digits && digits(part) && part.len() != 3;
            clear.then(|| format!("{whole}.{part}").parse().ok()).flatten()
        })
    };
    parsed.filter(|n: &f64| n.is_finite()).ok_or(ValueError::NotANumber)
}

/// A path into a message: "result", "$.data.pm25", "d[0].v"; empty or "$" is the message itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl JsonPath {
    /// `None` when it is no path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('$');
        let mut steps = Vec::new();
        for part in text.split('.').filter(|p| !p.is_empty()) {
            let (key, indices) = part.split_once('[').map_or((part, None), |(k, i)| (k, Some(i)));
            if !key.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            }
            for index in indices.into_iter().flat_map(|i| i.split('[')) {
                steps.push(Step::Index(index.strip_suffix(']')?.parse().ok()?));
            }
        }
        Some(Self(steps))
    }

    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn find<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(root, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_become_numbers() {
        let of = |text: &str| number(&parse(text.as_bytes()).unwrap());
        assert_eq!(of("12.5"), Ok((12.5, Flags::default())));
        assert_eq!(of(r#""12.5""#), Ok((12.5, Flags::TEXT)));
        assert_eq!(of(r#""12,5""#), Ok((12.5, Flags::TEXT)));
        for missing in ["null", r#""""#, r#"" ""#, r#""NaN""#, "-9999", "-999.0", r#""-9999""#, r#""N/A""#, "NaN"] {
            assert_eq!(of(missing), Err(ValueError::Missing), "{missing}");
        }
        for wrong in
            ["true", "[1,2]", "{}", r#""12,500""#, r#""0x10""#, r#""1e999""#, r#""inf""#, r#""12 µg""#, r#""1.2.3""#]
        {
            assert_eq!(of(wrong), Err(ValueError::NotANumber), "{wrong}");
        }
    }

    #[test]
    fn a_bare_nan_costs_only_its_own_value() {
        let value = parse(br#"{"pm25":NaN,"pm10":-Infinity,"so2":3,"note":"NaN \" NaN"}"#).unwrap();
        assert_eq!(value["pm25"], Value::Null);
        assert_eq!(value["pm10"], Value::Null);
        assert_eq!(value["so2"], 3);
        assert_eq!(value["note"], "NaN \" NaN");
        for broken in [&b"{"[..], b"", b" ", b"\0\x01", b"{\"result\":1}{\"result\":2}", b"{\"a\":1e400}", b"\xff\xfe"]
        {
            assert!(parse(broken).is_err());
        }
        let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        assert!(parse(deep.as_bytes()).is_err());
    }

    #[test]
    fn paths_lead_through_keys_and_places() {
        let value = parse(br#"{"d":[{"v":7},{"v":{"x":8}}]}"#).unwrap();
        let find = |path: &str| JsonPath::parse(path).and_then(|p| p.find(&value).cloned());
        assert_eq!(find("$.d[0].v"), Some(7.into()));
        assert_eq!(find("d[1].v.x"), Some(8.into()));
        assert_eq!(find("d[2].v"), None);
        assert_eq!(find("$"), Some(value.clone()));
        assert_eq!(JsonPath::parse("d[x]"), None);
    }
}
