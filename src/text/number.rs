//! Numbers as people write them: 1.234.567,89 in Vietnamese, 1,234,567.89 in English.

use super::Language;

/// With a fixed number of decimals; thousands are grouped. Not-a-number is a dash.
#[must_use]
pub fn format_fixed(value: f64, decimals: usize, language: Language) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    // A small negative number that rounds to zero has no sign.
    let sign = if digits.bytes().all(|b| b == b'0' || b == b'.') { "" } else { sign };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (group, point) = match language {
        Language::Vi => ('.', ','),
        Language::En => (',', '.'),
    };
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(point);
        out.push_str(fraction);
    }
    out
}

/// With at most this many decimals, trailing zeros left out.
#[must_use]
pub fn format_short(value: f64, most_decimals: usize, language: Language) -> String {
    let scale = 10_f64.powi(i32::try_from(most_decimals).unwrap_or(0));
    let rounded = (value * scale).round() / scale;
    let needed = (0..most_decimals)
        .find(|d| {
            let shift = 10_f64.powi(i32::try_from(*d).unwrap_or(0));
            ((rounded * shift).round() / shift - rounded).abs() < 0.01 / scale
        })
        .unwrap_or(most_decimals);
    format_fixed(value, needed, language)
}

/// A number as people type it, grouped or not, with the decimal sign of either language where that is clear: dots
/// in Vietnamese (commas in English) that cut off groups of three digits are grouping, a single other one is a
/// decimal sign.
#[must_use]
pub fn parse_number(text: &str, language: Language) -> Option<f64> {
    let text = text.trim().replace([' ', '\u{a0}', '\u{202f}'], "");
    let (group, point) = match language {
        Language::Vi => ('.', ','),
        Language::En => (',', '.'),
    };
    let (whole, fraction) = text.split_once(point).map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut parts = whole.split(group);
    let first = parts.next()?;
    let grouped = !first.is_empty() && parts.all(|p| p.len() == 3 && p.bytes().all(|b| b.is_ascii_digit()));
    let plain = if grouped {
        let digits = whole.replace(group, "");
        fraction.map_or(digits.clone(), |f| format!("{digits}.{f}"))
    } else if fraction.is_none() && whole.matches(group).count() == 1 {
        whole.replace(group, ".")
    } else {
        return None;
    };
    plain.parse().ok().filter(|v: &f64| v.is_finite())
}

/// A value down to the second digit of its uncertainty.
pub(super) fn as_known(value: f64, unsure: f64) -> f64 {
    if !(unsure > 0.0 && unsure.is_finite()) {
        return value;
    }
    let step = 10_f64.powi(unsure.log10().floor() as i32 - 1);
    (value / step).round() * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_and_decimals_follow_the_language() {
        assert_eq!(format_fixed(1_234_567.891, 2, Language::Vi), "1.234.567,89");
        assert_eq!(format_fixed(1_234_567.891, 2, Language::En), "1,234,567.89");
        assert_eq!(format_fixed(-999.5, 1, Language::Vi), "-999,5");
        assert_eq!(format_fixed(-0.001, 1, Language::En), "0.0");
        assert_eq!(format_fixed(f64::NAN, 1, Language::En), "–");
        assert_eq!(format_fixed(100.0, 0, Language::En), "100");
    }

    #[test]
    fn zeros_at_the_end_go() {
        assert_eq!(format_short(2.50, 2, Language::Vi), "2,5");
        assert_eq!(format_short(3.0, 2, Language::En), "3");
        assert_eq!(format_short(0.126, 2, Language::En), "0.13");
        assert_eq!(format_short(-1500.0, 3, Language::En), "-1,500");
    }

    #[test]
    fn typed_numbers_are_read_in_either_writing() {
        let cases = [
            ("1.234,5", Language::Vi, Some(1234.5)),
            ("1.234", Language::Vi, Some(1234.0)),
            ("2.5", Language::Vi, Some(2.5)),
            ("2,5", Language::Vi, Some(2.5)),
            ("-1,234.5", Language::En, Some(-1234.5)),
            ("2,5", Language::En, Some(2.5)),
            ("1 000 000", Language::En, Some(1e6)),
            ("1.2.3", Language::Vi, None),
            ("abc", Language::En, None),
            ("inf", Language::En, None),
            ("", Language::En, None),
        ];
        for (text, language, expected) in cases {
            assert_eq!(parse_number(text, language), expected, "{text} {language:?}");
        }
    }

    #[test]
    fn digits_below_the_uncertainty_are_not_told() {
        for (value, unsure, known) in [
            (4_496_762.0, 900_000.0, 4_500_000.0),
            (-3_156.0, 1_900.0, -3_200.0),
            (13.47, 2.0, 13.5),
            (2.0, 22.0, 2.0),
            (7.25, 0.0, 7.25),
            (7.25, f64::INFINITY, 7.25),
        ] {
            assert!((as_known(value, unsure) - known).abs() < 1e-6, "{value} ± {unsure}");
        }
    }
}
