//! All sentences of one language.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::{Language, number, sources};
use crate::base::message::{Arg, Message};

/// Turns keys and messages into text. A key without an entry comes out as itself: a mistake that can be read and
/// reported is better than a program that stops.
pub struct Catalog {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Catalog {
    #[must_use]
    pub fn load(language: Language) -> Self {
        let locale = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // The isolation marks are for mixed writing directions; the font would show them as boxes.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match language {
            Language::Vi => |value, _| format_number(value, Language::Vi),
            Language::En => |value, _| format_number(value, Language::En),
        }));
        for (_, source) in sources::sources(language) {
            // A faulty entry is left out; the rest of the file counts. The tests allow no fault.
            let resource = match FluentResource::try_new((*source).to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a key without arguments.
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        self.format(key, &[])
    }

    #[must_use]
    pub fn text(&self, message: &Message) -> String {
        self.format(&message.key, &message.args)
    }

    #[must_use]
    pub fn texts(&self, messages: &[Message]) -> Vec<String> {
        messages.iter().map(|message| self.text(message)).collect()
    }

    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// A number with fixed decimals in this language's writing.
    #[must_use]
    pub fn number(&self, value: f64, decimals: usize) -> String {
        number::format_fixed(value, decimals, self.language)
    }

    /// "4,500,000 ± 900,000": without the digits that the uncertainty leaves open.
    #[must_use]
    pub fn estimate(&self, value: f64, plus_minus: Option<f64>, decimals: usize) -> String {
        let Some(unsure) = plus_minus else { return self.number(value, decimals) };
        format!("{} ± {}", self.number(number::as_known(value, unsure), decimals), self.number(unsure, decimals))
    }

    fn format(&self, key: &str, args: &[(String, Arg)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|m| m.value()) else { return key.to_owned() };
        let mut fluent_args = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            fluent_args.set(
                name.clone(),
                match arg {
                    Arg::Text(text) => FluentValue::from(text.clone()),
                    Arg::Both { vi, en } => {
                        FluentValue::from(if self.language == Language::Vi { vi.clone() } else { en.clone() })
                    }
                    Arg::Integer(i) => FluentValue::from(*i),
                    Arg::Real(r) => FluentValue::from(*r),
                    Arg::Message(inner) => FluentValue::from(self.text(inner)),
                },
            );
        }
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, Some(&fluent_args), &mut errors).into_owned()
    }
}

/// At most two decimals; what needs more is written by [`Catalog::number`] and passed as text.
fn format_number(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(n) = value else { return None };
    Some(number::format_short(n.value, 2, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_shown_as_itself() {
        assert_eq!(Catalog::load(Language::Vi).get("nothing-here"), "nothing-here");
    }

    #[test]
    fn numbers_and_inner_messages_are_put_into_the_sentence() {
        let message = Message::new("session-error-number")
            .with("field", Message::new("model-field-dientich"))
            .with("text", "1 234")
            .with("unused", 5.25);
        let vi = Catalog::load(Language::Vi).text(&message);
        assert!(vi.contains("Diện tích") && vi.contains("1 234"), "{vi}");
        let layers = Message::new("session-undo-import").with("count", 1234_usize);
        assert!(Catalog::load(Language::Vi).text(&layers).contains("1.234"));
        assert!(Catalog::load(Language::En).text(&layers).contains("1,234"));
    }
}
