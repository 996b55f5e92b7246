//! Numbers and truth values in values, as Helm prints them.

use crate::yaml::Node;
use crate::yaml::scalar::Type;

/// What Helm prints for a number or a truth value in values, where that is not what is written: values
/// are read as floating-point numbers.
pub(super) fn printed(node: &Node<'_>, text: &str) -> Option<String> {
    let printed = match node.json_type()? {
        Type::Bool => truth(text)?.to_owned(),
        Type::Number => number(text)?,
        Type::Text | Type::Null => return None,
    };
    (printed != text).then_some(printed)
}

/// The truth value that a word of YAML 1.1 is: in small letters, in capitals, or with a capital first.
fn truth(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    if text.get(1..) != lower.get(1..) && text != text.to_ascii_uppercase() {
        return None;
    }
    match lower.as_str() {
        "y" | "yes" | "on" | "true" => Some("true"),
        "n" | "no" | "off" | "false" => Some("false"),
        _ => None,
    }
}

fn number(text: &str) -> Option<String> {
    let plain = text.replace('_', "").to_ascii_lowercase();
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let based = |digits: &str, base| Some(u64::from_str_radix(digits, base).ok()? as f64);
    let number = match digits.get(..2) {
        Some("0x") => based(&digits[2..], 16)?,
        Some("0o") => based(&digits[2..], 8)?,
        Some("0b") => based(&digits[2..], 2)?,
        _ if is_old_octal(digits) => based(digits, 8)?,
        _ => digits.parse::<f64>().ok()?,
    };
    // Zero has no sign where it is a whole number.
    Some(shown(if number == 0.0 { 0.0 } else { sign * number }))
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
