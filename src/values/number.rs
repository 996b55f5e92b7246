//! Numbers in values, as Helm prints them.

/// What Helm prints for a number in values, where that is not what is written: values are read as
/// floating-point numbers.
pub(super) fn printed(text: &str) -> Option<String> {
    let plain = text.replace('_', "");
    let number = match (plain.strip_prefix("0x"), plain.strip_prefix("0o")) {
        (Some(digits), _) => i64::from_str_radix(digits, 16).ok()? as f64,
        (_, Some(digits)) => i64::from_str_radix(digits, 8).ok()? as f64,
        _ if is_old_octal(&plain) => i64::from_str_radix(&plain, 8).ok()? as f64,
        _ => plain.parse::<f64>().ok()?,
    };
    let printed = shown(number);
    (printed != text).then_some(printed)
}

/// YAML 1.1 reads a number that begins with a zero as an octal one, if it can.
fn is_old_octal(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
}

/// As Go prints a float64 by `%v`: from 21 digits on with an exponent, in values from 1e6 on as
/// encoding/json and text/template do it (`2.0240101e+07`).
fn shown(number: f64) -> String {
    let scientific = format!("{number:e}");
    let exponent: i32 = scientific
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    if (-4..6).contains(&exponent) || (number.fract() == 0.0 && exponent < 6) {
        return format!("{number}");
    }
    let mantissa = scientific
        .split_once('e')
        .map_or("", |(mantissa, _)| mantissa);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
