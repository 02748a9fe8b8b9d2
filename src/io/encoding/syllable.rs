//! Whether letters make a Vietnamese syllable: onset, rhyme and a tone that the rhyme can carry (Đoàn Thiện Thuật
//! 1977, "Ngữ âm tiếng Việt"; the closed lists are those of the national orthography).

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::letters::{Tone, split_tone};

/// Longer onsets first.
const ONSETS: [&str; 28] = [
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
];

const RHYMES: &str = " a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây \
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot \
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt \
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh uyp uyt uyu \
    ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu ưn y yêm yên yêng yêt yêu ynh \
    uôp êng uc uơn oem ";

/// `word` in lower case and composed letters.
pub(super) fn is_syllable(word: &str) -> bool {
    let mut tone = Tone::Level;
    let mut plain = String::with_capacity(word.len());
    for c in word.chars() {
        let (letter, t) = split_tone(c);
        if t != Tone::Level {
            if tone != Tone::Level {
                return false;
            }
            tone = t;
        }
        plain.push(letter);
    }
    ONSETS.iter().filter_map(|onset| plain.strip_prefix(onset)).any(|rhyme| is_rhyme(rhyme, tone))
        // In "gì", "giếng" the i belongs to both.
        || plain.strip_prefix('g').is_some_and(|rhyme| is_rhyme(rhyme, tone))
}

static LISTED: OnceLock<BTreeSet<&str>> = OnceLock::new();

fn is_rhyme(rhyme: &str, tone: Tone) -> bool {
    let closed = rhyme.ends_with(['c', 'p', 't']) || rhyme.ends_with("ch");
    if rhyme.is_empty() || (closed && !matches!(tone, Tone::Rising | Tone::Heavy)) {
        return false;
    }
    LISTED.get_or_init(|| RHYMES.split_whitespace().collect()).contains(rhyme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_names_are_syllables() {
        let names = "phú quốc dương đông an thới hàm ninh bãi vòng cửa cạn gành dầu thổ châu hòn thơm đường trần hưng đạo \
            nguyễn trung trực giếng gì quyết khuya ngoằn thuỷ thủy nghiêng xoong uống yên quạch đất ở tại đô thị rừng đặc dụng";
        for name in names.split_whitespace() {
            assert!(is_syllable(name), "{name}");
        }
    }

    #[test]
    fn what_wrong_decoding_makes_is_none() {
        for word in ["quèc", "§¤ng", "dö", "xyz", "cac", "ååå", "ðêng", "thòi\u{301}"] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
