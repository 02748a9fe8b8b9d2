//! Letters into words.

use super::ExprError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    /// A field in double quotes.
    Quoted(String),
    /// A name or a keyword.
    Word(String),
    Sign(&'static str),
}

/// Longer signs first.
const SIGNS: [&str; 16] = ["<>", "!=", "<=", ">=", "==", "||", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")"];

/// Words with their places, counted in letters from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExprError> {
    let letters: Vec<char> = text.chars().collect();
    let (mut at, mut found) = (0, Vec::new());
    while let Some(&c) = letters.get(at) {
        let start = at;
        let run = |is: &dyn Fn(char) -> bool| letters[start..].iter().take_while(|c| is(**c)).count();
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let token = if c.is_ascii_digit() || (c == '.' && letters.get(at + 1).is_some_and(char::is_ascii_digit)) {
            at += run(&|c| c.is_ascii_digit() || c == '.');
            if let (Some('e' | 'E'), Some(next)) = (letters.get(at), letters.get(at + 1)) {
                let signed = usize::from(matches!(next, '+' | '-'));
                let digits =
                    letters[(at + 1 + signed).min(letters.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
                at += if digits > 0 { 1 + signed + digits } else { 0 };
            }
            let word: String = letters[start..at].iter().collect();
            Token::Number(word.parse().map_err(|_| ExprError::Unexpected { at: start + 1, found: word })?)
        } else if c == '\'' || c == '"' {
            let mut inner = String::new();
            at += 1;
            loop {
                match (letters.get(at), letters.get(at + 1)) {
                    (None, _) => return Err(ExprError::Unfinished),
                    // A quote within is written twice.
                    (Some(q), Some(next)) if *q == c && *next == c => {
                        inner.push(c);
                        at += 2;
                    }
                    (Some(q), _) if *q == c => break,
                    (Some(letter), _) => {
                        inner.push(*letter);
                        at += 1;
                    }
                }
            }
            at += 1;
            if c == '"' { Token::Quoted(inner) } else { Token::Text(inner) }
        } else if c.is_alphabetic() || matches!(c, '_' | '$') {
            at += 1 + letters[start + 1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
            Token::Word(letters[start..at].iter().collect())
        } else if c == ',' {
            at += 1;
            Token::Sign(",")
        } else {
            let starts = |sign: &&&str| sign.chars().enumerate().all(|(i, s)| letters.get(start + i) == Some(&s));
            let sign = SIGNS.iter().find(starts);
            let sign = sign.ok_or_else(|| ExprError::Unexpected { at: start + 1, found: c.to_string() })?;
            at += sign.len();
            Token::Sign(sign)
        };
        found.push((start + 1, token));
    }
    Ok(found)
}
