//! Where the program lies in memory.

use std::env;

/// Where a program may lie anywhere in memory, it writes the addresses of its parts at each start,
/// which takes a tenth of the time for a small input. `.ci/static` builds as this does.
///
/// One that holds its C library is made for either, and asked for both it crashes at its start.
pub(crate) fn at_a_fixed_place() {
    let is = |what: &str, value: &str| env::var(what).is_ok_and(|found| found == value);
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !is_static {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
