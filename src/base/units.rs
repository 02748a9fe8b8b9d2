//! Conversions at the edges; inside, everything is SI and radians.

/// Square metres in a hectare.
pub const M2_PER_HECTARE: f64 = 10_000.0;

/// Degrees, minutes and seconds as planners read them: `10°13'01.2"`.
#[must_use]
pub fn format_dms(degrees: f64) -> String {
    let tenths = (degrees.abs() * 36_000.0).round();
    let sign = if degrees < 0.0 && tenths > 0.0 { "-" } else { "" };
    let (d, rest) = ((tenths / 36_000.0).floor(), tenths % 36_000.0);
    let (m, s) = ((rest / 600.0).floor(), (rest % 600.0) / 10.0);
    format!("{sign}{d:.0}°{m:02.0}'{s:04.1}\"")
}

/// A value with so many significant digits: more than a model can promise is not told.
#[must_use]
pub fn significant(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10_f64.powf(f64::from(digits - 1) - value.abs().log10().floor());
    (value * scale).round() / scale
}

/// "16:40" of seconds since midnight, minutes rounded down; hours go on beyond 24.
#[must_use]
pub fn hours_minutes(seconds: f64) -> String {
    let minutes = (seconds / 60.0).max(0.0) as u64;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn significant_digits_are_kept_whatever_the_size() {
        let told = [132_552.0, 9.04, 0.0163, -0.0, f64::INFINITY].map(|v| significant(v, 2));
        assert_eq!(told, [130_000.0, 9.0, 0.016, 0.0, f64::INFINITY]);
        assert_eq!(significant(-1234.5, 3), -1230.0);
    }

    #[test]
    fn seconds_never_show_as_sixty() {
        assert_eq!(format_dms(10.216_999_999_99), "10°13'01.2\"");
        assert_eq!(format_dms(9.999_999_999), "10°00'00.0\"");
        assert_eq!(format_dms(-0.5), "-0°30'00.0\"");
    }
}
