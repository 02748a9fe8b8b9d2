//! Zip archives (PKWARE APPNOTE 6.3.9) as far as map data come in them: stored or deflated, without encryption.
//!
//! An archive is hostile until shown otherwise: names that lead out of the folder, bombs and links refuse the whole
//! of it before a byte is written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ZipError {
    #[error("no zip archive")]
    NoArchive,
    #[error("the archive ends within {0:?}")]
    Truncated(String),
    #[error("the entry name {0:?} is not a plain file name")]
    Name(String),
    #[error("two entries have the name {0:?}")]
    Twice(String),
    #[error("{0} entries; an archive may hold {MOST_ENTRIES}")]
    TooMany(usize),
    #[error("the entry {0:?} is a link")]
    Link(String),
    #[error("the entry {0:?} would grow beyond all bounds")]
    Bomb(String),
    #[error("the entry {0:?} is encrypted or packed in a way that is not read")]
    Method(String),
    #[error("the entry {0:?} is damaged")]
    Damaged(String),
    #[error("cannot write: {0}")]
    Write(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    packed: usize,
    /// As the directory says.
    pub(crate) size: u64,
    offset: usize,
    method: u16,
    crc: u32,
}

const MOST_ENTRIES: usize = 5_000;

/// Map data shrink to a twentieth; empty rasters to a hundredth. Small entries may do what they like.
const MOST_RATIO: u64 = 250;
const SMALL: u64 = 8 << 20;

/// All entries together, unpacked.
const MOST_BYTES: u64 = 4 << 30;

/// The files of an archive, in its own order; folders are left out.
pub(crate) fn entries(zip: &[u8]) -> Result<Vec<Entry>, ZipError> {
    let end = end_record(zip).ok_or(ZipError::NoArchive)?;
    let count = usize::from(u16_at(zip, end + 10).ok_or(ZipError::NoArchive)?);
    let mut at = u32_at(zip, end + 16).ok_or(ZipError::NoArchive)? as usize;
    if count > MOST_ENTRIES {
        return Err(ZipError::TooMany(count));
    }
    let (mut found, mut names, mut total) = (Vec::new(), BTreeSet::new(), 0_u64);
    for _ in 0..count {
        let truncated = || ZipError::Truncated("its directory".to_owned());
        if u32_at(zip, at) != Some(0x0201_4b50) {
            return Err(truncated());
        }
        let word = |offset: usize| u16_at(zip, at + offset).map(usize::from).ok_or_else(truncated);
        let long = |offset: usize| u32_at(zip, at + offset).ok_or_else(truncated);
        let (name_length, extra, comment) = (word(28)?, word(30)?, word(32)?);
        let raw = zip.get(at + 46..at + 46 + name_length).ok_or_else(truncated)?;
        let name = String::from_utf8_lossy(raw).into_owned();
        let (flags, method) = (word(8)?, u16_at(zip, at + 10).ok_or_else(truncated)?);
        let mode = long(38)? >> 16;
        let entry = Entry {
            packed: long(20)? as usize,
            size: u64::from(long(24)?),
            offset: long(42)? as usize,
            crc: long(16)?,
            method,
            name,
        };
        at += 46 + name_length + extra + comment;
        if mode & 0xf000 == 0xa000 {
            return Err(ZipError::Link(entry.name));
        }
        check_name(&entry.name)?;
        if entry.name.ends_with('/') {
            continue;
        }
        if !names.insert(entry.name.to_lowercase()) {
            return Err(ZipError::Twice(entry.name));
        }
        if flags & 1 != 0 || !matches!(entry.method, 0 | 8) {
            return Err(ZipError::Method(entry.name));
        }
        total = total.saturating_add(entry.size);
        if total > MOST_BYTES || (entry.size > SMALL && entry.size / MOST_RATIO > entry.packed as u64) {
            return Err(ZipError::Bomb(entry.name));
        }
        found.push(entry);
    }
    Ok(found)
}

/// The contents of an entry.
pub(crate) fn unpack(zip: &[u8], entry: &Entry) -> Result<Vec<u8>, ZipError> {
    let name = || entry.name.clone();
    let truncated = || ZipError::Truncated(name());
    if u32_at(zip, entry.offset) != Some(0x0403_4b50) {
        return Err(truncated());
    }
    let head = |at: usize| u16_at(zip, entry.offset + at).map(usize::from).ok_or_else(truncated);
    let start = entry.offset + 30 + head(26)? + head(28)?;
    let packed = start.checked_add(entry.packed).and_then(|end| zip.get(start..end)).ok_or_else(truncated)?;
    let limit = usize::try_from(entry.size).map_err(|_| ZipError::Bomb(name()))?;
    let bytes = if entry.method == 0 {
        packed.to_vec()
    } else {
        decompress_to_vec_with_limit(packed, limit).map_err(|e| match e.status {
            // More comes out than the directory says.
            TINFLStatus::HasMoreOutput => ZipError::Bomb(name()),
            _ => ZipError::Damaged(name()),
        })?
    };
    if bytes.len() as u64 != entry.size || crc32(&bytes) != entry.crc {
        return Err(ZipError::Damaged(name()));
    }
    Ok(bytes)
}

/// Unpacks what `wanted` says into a folder, under the archive's own names.
pub(crate) fn unpack_into(
    zip: &[u8],
    folder: &Path,
    wanted: impl Fn(&Entry) -> bool,
) -> Result<Vec<PathBuf>, ZipError> {
    let write = |e: std::io::Error| ZipError::Write(e.to_string());
    let mut written = Vec::new();
    for entry in entries(zip)?.iter().filter(|e| wanted(e)) {
        let path = folder.join(&entry.name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(write)?;
        std::fs::write(&path, unpack(zip, entry)?).map_err(write)?;
        written.push(path);
    }
    Ok(written)
}

fn check_name(name: &str) -> Result<(), ZipError> {
    let plain = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default().to_ascii_uppercase();
        let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
            || (stem.len() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")));
        !part.is_empty() && part != "." && part != ".." && !device
    };
    let bad = name.len() > 1000
        || name.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
        || !name.strip_suffix('/').unwrap_or(name).split('/').all(plain);
    if bad { Err(ZipError::Name(name.to_owned())) } else { Ok(()) }
}

/// The last end-of-directory record; a comment of 64 kB may stand behind it.
fn end_record(zip: &[u8]) -> Option<usize> {
    let from = zip.len().saturating_sub(22 + 65_535);
    (from..=zip.len().checked_sub(22)?).rev().find(|&at| u32_at(zip, at) == Some(0x0605_4b50))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

/// CRC-32 as zip, gzip and PNG use it (polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let (mut c, mut k) = (i as u32, 0);
            while k < 8 {
                c = if c & 1 != 0 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 };
                k += 1;
            }
            table[i] = c;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |c: u32, b| TABLE[((c ^ u32::from(*b)) & 0xff) as usize] ^ (c >> 8))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An archive of deflated entries, as any program would write it.
    pub(crate) fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for (name, bytes) in files {
            let packed = miniz_oxide::deflate::compress_to_vec(bytes, 6);
            let offset = out.len() as u32;
            let mut common = Vec::new();
            common.extend_from_slice(&20_u16.to_le_bytes());
            common.extend_from_slice(&[0, 0, 8, 0, 0, 0, 0, 0]);
            for value in [crc32(bytes), packed.len() as u32, bytes.len() as u32] {
                common.extend_from_slice(&value.to_le_bytes());
            }
            common.extend_from_slice(&(name.len() as u16).to_le_bytes());
            common.extend_from_slice(&[0, 0]);
            out.extend_from_slice(b"PK\x03\x04");
            out.extend_from_slice(&common);
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(&packed);
            directory.extend_from_slice(b"PK\x01\x02\x14\0");
            directory.extend_from_slice(&common);
            directory.extend_from_slice(&[0; 10]);
            directory.extend_from_slice(&offset.to_le_bytes());
            directory.extend_from_slice(name.as_bytes());
        }
        let start = out.len() as u32;
        out.extend_from_slice(&directory);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        for _ in 0..2 {
            out.extend_from_slice(&(files.len() as u16).to_le_bytes());
        }
        out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
        out.extend_from_slice(&start.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let long = b"Phu Quoc ".repeat(1000);
        let zip = pack(&[("a/thua.shp", &long), ("b.txt", b"x")]);
        let found = entries(&zip).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(unpack(&zip, &found[0]).unwrap(), long);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn names_that_lead_elsewhere_refuse_the_archive() {
        for name in ["../x", "/etc/passwd", "a/../../x", "c:x", "a\\b", "nul.shp", "a//b", "x\u{1}"] {
            assert!(matches!(entries(&pack(&[(name, b"x")])), Err(ZipError::Name(_))), "{name}");
        }
        assert!(matches!(entries(&pack(&[("a.shp", b"x"), ("A.SHP", b"y")])), Err(ZipError::Twice(_))));
    }

    #[test]
    fn bombs_are_refused_before_they_are_unpacked() {
        let zeros = vec![0; 30 << 20];
        assert!(matches!(entries(&pack(&[("a.tif", &zeros)])), Err(ZipError::Bomb(_))));
        // An entry that says it is small and is not.
        let mut zip = pack(&[("a.tif", &zeros)]);
        let size = (zeros.len() as u32).to_le_bytes();
        let places: Vec<usize> = (0..zip.len() - 4).filter(|&i| zip[i..i + 4] == size).collect();
        for at in places {
            zip[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
        let found = entries(&zip).unwrap();
        assert_eq!(unpack(&zip, &found[0]), Err(ZipError::Bomb("a.tif".to_owned())));
    }

    #[test]
    fn damaged_archives_are_errors() {
        let zip = pack(&[("a.shp", &b"Phu Quoc ".repeat(100)), ("b.dbf", b"x")]);
        for at in 0..zip.len() {
            let mut bad = zip.clone();
            bad[at] ^= 0x55;
            if let Ok(found) = entries(&bad) {
                for entry in &found {
                    let _ = unpack(&bad, entry);
                }
            }
            assert!(entries(&zip[..at]).is_err());
        }
    }
}
