//! The list of fields of a dBASE table.

use super::dbf_read::DbfFault;

pub(super) struct FieldSpec {
    pub(super) name: Vec<u8>,
    pub(super) kind: u8,
    pub(super) start: usize,
    pub(super) width: usize,
    pub(super) decimals: u8,
}

/// Fields that lie within a record; memos and pictures live in other files and are left out.
pub(super) fn field_specs(bytes: &[u8], record: usize, faults: &mut Vec<DbfFault>) -> Vec<FieldSpec> {
    let mut start = 1;
    let mut specs = Vec::new();
    let described = bytes.chunks_exact(32).take_while(|raw| raw[0] != b'\r' && raw[0] != 0);
    if bytes.get(32 * described.clone().count()) != Some(&b'\r') {
        faults.push(DbfFault::Fields);
    }
    for raw in described {
        let name: Vec<u8> = raw[..11].iter().copied().take_while(|b| *b != 0).collect();
        // Long text fields of some writers carry the high byte of their width in the place of the decimals.
        let kind = raw[11].to_ascii_uppercase();
        let width = usize::from(raw[16]) + if kind == b'C' { usize::from(raw[17]) << 8 } else { 0 };
        let named = || String::from_utf8_lossy(name.trim_ascii_end()).into_owned();
        if start + width > record {
            faults.push(DbfFault::Widths);
            return specs;
        }
        let number = matches!(kind, b'N' | b'F');
        if width == 0 || !kind.is_ascii_graphic() || (number && raw[17] > 0 && usize::from(raw[17]) >= width) {
            faults.push(DbfFault::Field(named()));
        }
        if matches!(kind, b'M' | b'G' | b'P' | b'B') {
            faults.push(DbfFault::Memo(named()));
        }
        if !matches!(kind, b'M' | b'G' | b'P' | b'B' | b'0') {
            specs.push(FieldSpec { name: name.trim_ascii_end().to_vec(), kind, start, width, decimals: raw[17] });
        }
        start += width;
    }
    if start != record {
        faults.push(DbfFault::Widths);
    }
    specs
}
