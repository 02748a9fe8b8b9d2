//! Text files in a legacy code page, made readable for GDAL without letting it decode: its converter loses the ends of
//! values in Vietnamese code pages, and bytes that are not UTF-8 do not get through at all. Every byte becomes the
//! Western letter of its number; which Vietnamese encoding it was in is told afterwards, column by column.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::format::{extension, sibling};
use crate::io::encoding::mojibake;

/// A larger text is left as it is: it would not fit into the worker's memory twice.
const MOST_BYTES: u64 = 1 << 29;

/// A folder that goes away with it, and the file in it that GDAL reads in place of the user's.
pub(super) struct Readable {
    pub(super) path: PathBuf,
    _folder: TempDir,
}

/// How a MapInfo table is to be taken that says nothing of its code page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodePage {
    AsSaid,
    Western,
}

/// `None` where the file can be read as it is.
pub(super) fn readable(copy: &Path, drivers: &[&str], code_page: CodePage) -> io::Result<Option<Readable>> {
    let files = match drivers {
        ["MapInfo File"] if extension(copy) == "mif" => vec![copy.to_owned(), sibling(copy, "mid")],
        ["CSV" | "DXF" | "MapInfo File"] => vec![copy.to_owned()],
        _ => return Ok(None),
    };
    if std::fs::metadata(copy)?.len() > MOST_BYTES {
        return Ok(None);
    }
    let is_map_info = drivers == ["MapInfo File"];
    let mut changed = false;
    let mut texts = Vec::with_capacity(files.len());
    for file in files.iter().filter(|f| f.is_file()) {
        let bytes = std::fs::read(file)?;
        let mut text = as_utf8(&bytes);
        if is_map_info && file == copy {
            // A .tab's values lie in a .dat, which only GDAL reads: it is told to take them for Western, letter by letter.
            text = Some(with_charset(
                text.unwrap_or_else(|| String::from_utf8_lossy(&bytes).into_owned()),
                file,
                code_page,
            ));
        }
        changed |= text.as_ref().is_some_and(|text| text.as_bytes() != bytes);
        texts.push((file, text.map_or(bytes, String::into_bytes)));
    }
    if !changed {
        return Ok(None);
    }
    // Within the worker's own folder, which its parent takes away whatever happens.
    let private = copy.parent().filter(|folder| folder.to_string_lossy().contains("/island-twin-"));
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("island-twin-");
    let folder = private.map_or_else(|| builder.tempdir(), |folder| builder.tempdir_in(folder))?;
    let into = |file: &Path| folder.path().join(file.file_name().unwrap_or_default());
    for (file, text) in texts {
        std::fs::write(into(file), text)?;
    }
    for beside in ["dat", "map", "id", "ind"].map(|e| sibling(copy, e)).iter().filter(|f| is_map_info && f.is_file()) {
        std::fs::copy(beside, into(beside))?;
    }
    Ok(Some(Readable { path: into(copy), _folder: folder }))
}

/// UTF-16 as spreadsheets write "Unicode text", or one letter a byte; `None` for what is UTF-8.
fn as_utf8(bytes: &[u8]) -> Option<String> {
    let units = |to_u16: fn([u8; 2]) -> u16| -> String {
        let units = bytes[2..].chunks_exact(2).map(|pair| to_u16([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
    };
    match bytes {
        [0xff, 0xfe, ..] => Some(units(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Some(units(u16::from_be_bytes)),
        _ if std::str::from_utf8(bytes).is_ok() => None,
        _ => Some(mojibake::letter_by_letter(bytes)),
    }
}

/// The head of a MapInfo file with another name for its code page.
fn with_charset(text: String, file: &Path, code_page: CodePage) -> String {
    let wanted = if extension(file) == "mif" { "Neutral" } else { "WindowsLatin1" };
    let is_charset = |line: &str| line.trim_start().trim_start_matches('!').to_ascii_lowercase().starts_with("charset");
    let Some(line) = text.lines().take(10).find(|line| is_charset(line)) else { return text };
    let said = line.trim().rsplit(char::is_whitespace).next().unwrap_or_default();
    if wanted == "WindowsLatin1" && code_page == CodePage::AsSaid && said.eq_ignore_ascii_case("neutral") {
        return text;
    }
    let named = if said.starts_with('"') { format!("\"{wanted}\"") } else { wanted.to_owned() };
    text.replacen(line, &line.replace(said, &named), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_letters_and_utf8_stays() {
        assert_eq!(as_utf8("Phú Quốc".as_bytes()), None);
        assert_eq!(as_utf8(b"Ph\xf3 Qu\xe8c\x81").as_deref(), Some("Phó Quèc\u{81}"));
        assert_eq!(as_utf8(b"\xff\xfeA\0\x1e\x01").as_deref(), Some("AĞ"));
    }

    #[test]
    fn only_the_code_page_is_changed() {
        let mif = "Version 300\nCharset \"WindowsVietnamese\"\nDelimiter \",\"\n".to_owned();
        assert_eq!(
            with_charset(mif, Path::new("a.mif"), CodePage::AsSaid),
            "Version 300\nCharset \"Neutral\"\nDelimiter \",\"\n"
        );
        let tab = "!table\n!version 300\n!charset Neutral\n".to_owned();
        assert_eq!(with_charset(tab.clone(), Path::new("a.tab"), CodePage::AsSaid), tab);
        assert_eq!(
            with_charset(tab, Path::new("a.TAB"), CodePage::Western),
            "!table\n!version 300\n!charset WindowsLatin1\n"
        );
    }
}
