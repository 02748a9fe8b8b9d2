//! Passwords: from the environment, or from the desktop's secret store through libsecret's own tool. Never from a file of
//! ours.

use std::io::Write;
use std::process::{Command, Stdio};

/// Read first, for machines without a desktop.
pub const VARIABLE: &str = "ISLAND_TWIN_PASSWORD";
const TOOL: &str = "secret-tool";

/// The password for an address, where it is known.
#[must_use]
pub fn find(url: &str) -> Option<String> {
    if let Ok(word) = std::env::var(VARIABLE) {
        return Some(word);
    }
    let output = Command::new(TOOL)
        .args(["lookup", "service", "island-twin", "url", url])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let word = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !word.is_empty()).then_some(word)
}

/// Puts a password into the secret store; whether there is one.
#[must_use]
pub fn store(url: &str, word: &str) -> bool {
    let child = Command::new(TOOL)
        .args(["store", "--label", "island-twin", "service", "island-twin", "url", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let written = child.stdin.take().is_some_and(|mut pipe| pipe.write_all(word.as_bytes()).is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}
