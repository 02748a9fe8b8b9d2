//! Vietnamese text without its accents, so that "duong dong" finds "Dương Đông".

/// Lower case, diacritics removed, `đ` as `d`; letters that are not Vietnamese pass through.
#[must_use]
pub fn fold_accents(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter(|c| !is_combining(*c)).map(fold_char).collect()
}

/// Whether `text` contains `wanted`, neither case nor accents mattering.
#[must_use]
pub fn contains_folded(text: &str, wanted: &str) -> bool {
    fold_accents(text).contains(&fold_accents(wanted))
}

fn is_combining(c: char) -> bool {
    ('\u{0300}'..='\u{036f}').contains(&c)
}

fn fold_char(c: char) -> char {
    match c {
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'â' | 'ầ' | 'ấ' | 'ẩ' | 'ẫ' | 'ậ' => {
            'a'
        }
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' => 'i',
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ' | 'ộ' | 'ơ' | 'ờ' | 'ớ' | 'ở' | 'ỡ' | 'ợ' => {
            'o'
        }
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        'đ' => 'd',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(fold_accents("Đường Trần Hưng Đạo"), "duong tran hung dao");
        assert!(contains_folded("Thị trấn DƯƠNG ĐÔNG", "duong dong"));
        assert!(!contains_folded("An Thới", "hàm ninh"));
    }

    #[test]
    fn decomposed_letters_fold_like_composed_ones() {
        assert_eq!(fold_accents("Phu\u{0301} Quo\u{0302}\u{0301}c"), "phu quoc");
    }
}
