//! Words into a tree, the weaker operators higher up.

use super::ExprError;
use super::lex::{Token, tokens};
use super::tree::{Function, Node, Op};
use crate::model::table::Field;

/// Brackets within brackets; more are a mistake or an attack.
const MAX_DEPTH: usize = 64;

const FUNCTIONS: [(&str, Function, std::ops::RangeInclusive<usize>); 12] = [
    ("area", Function::Area, 0..=0),
    ("length", Function::Length, 0..=0),
    ("x", Function::X, 0..=0),
    ("y", Function::Y, 0..=0),
    ("abs", Function::Abs, 1..=1),
    ("round", Function::Round, 1..=2),
    ("lower", Function::Lower, 1..=1),
    ("upper", Function::Upper, 1..=1),
    ("title", Function::Title, 1..=1),
    ("plain", Function::Plain, 1..=1),
    ("coalesce", Function::Coalesce, 1..=20),
    ("if", Function::If, 3..=3),
];

pub(super) fn parse(text: &str, schema: &[Field]) -> Result<Node, ExprError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, schema };
    let root = parser.any()?;
    match parser.tokens.get(parser.at) {
        None => Ok(root),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    schema: &'a [Field],
}

impl Parser<'_> {
    fn unexpected(&self) -> ExprError {
        let Some((at, token)) = self.tokens.get(self.at) else { return ExprError::Unfinished };
        let found = match token {
            Token::Number(n) => n.to_string(),
            Token::Text(text) | Token::Quoted(text) | Token::Word(text) => text.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
        };
        ExprError::Unexpected { at: *at, found }
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let there = matches!(self.tokens.get(self.at), Some((_, Token::Sign(sign))) if *sign == wanted);
        self.at += usize::from(there);
        there
    }

    fn word(&mut self, wanted: &str) -> bool {
        let there = self.is_word(self.at, wanted);
        self.at += usize::from(there);
        there
    }

    fn is_word(&self, at: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(at), Some((_, Token::Word(word))) if word.eq_ignore_ascii_case(wanted))
    }

    fn need(&mut self, sign: &str) -> Result<(), ExprError> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn any(&mut self) -> Result<Node, ExprError> {
        self.deeper(|p| p.chain(&[("or", Op::Or)], |p| p.chain(&[("and", Op::And)], Self::negation)))
    }

    fn deeper(&mut self, parse: impl FnOnce(&mut Self) -> Result<Node, ExprError>) -> Result<Node, ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ExprError::TooDeep);
        }
        let node = parse(self)?;
        self.depth -= 1;
        Ok(node)
    }

    /// Operands joined by operators of one strength, from the left.
    fn chain(
        &mut self,
        operators: &[(&str, Op)],
        mut operand: impl FnMut(&mut Self) -> Result<Node, ExprError>,
    ) -> Result<Node, ExprError> {
        let mut left = operand(self)?;
        let mut links = 0;
        while let Some((_, op)) = operators.iter().find(|(name, _)| self.sign(name) || self.word(name)) {
            links += 1;
            // The tree of a long chain is as deep as the chain.
            if links > MAX_LINKS {
                return Err(ExprError::TooDeep);
            }
            let right = operand(self)?;
            left = Node::Both(*op, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Node, ExprError> {
        if self.word("not") {
            return self.deeper(|p| Ok(Node::Not(Box::new(p.negation()?))));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node, ExprError> {
        const COMPARE: [(&str, Op); 8] = [
            ("<>", Op::Unequal),
            ("!=", Op::Unequal),
            ("<=", Op::AtMost),
            (">=", Op::AtLeast),
            ("==", Op::Equal),
            ("<", Op::Less),
            (">", Op::More),
            ("=", Op::Equal),
        ];
        let left = self.sum()?;
        if let Some((_, op)) = COMPARE.iter().find(|(sign, _)| self.sign(sign)) {
            return Ok(Node::Both(*op, Box::new(left), Box::new(self.sum()?)));
        }
        if self.word("is") {
            let negated = self.word("not");
            if !self.word("null") {
                return Err(self.unexpected());
            }
            return Ok(negate(Node::IsNull(Box::new(left)), negated));
        }
        let negated =
            ["in", "like", "ilike", "between"].iter().any(|w| self.is_word(self.at + 1, w)) && self.word("not");
        let node = if self.word("in") {
            self.need("(")?;
            let mut list = vec![self.any()?];
            while self.sign(",") {
                list.push(self.any()?);
            }
            self.need(")")?;
            Node::In(Box::new(left), list)
        } else if self.word("between") {
            let low = self.sum()?;
            if !self.word("and") {
                return Err(self.unexpected());
            }
            let high = self.sum()?;
            let from = Node::Both(Op::AtLeast, Box::new(left.clone()), Box::new(low));
            Node::Both(Op::And, Box::new(from), Box::new(Node::Both(Op::AtMost, Box::new(left), Box::new(high))))
        } else if self.is_word(self.at, "like") || self.is_word(self.at, "ilike") {
            let folded = self.word("ilike") || !self.word("like");
            Node::Like { text: Box::new(left), pattern: Box::new(self.sum()?), folded }
        } else if negated {
            return Err(self.unexpected());
        } else {
            return Ok(left);
        };
        Ok(negate(node, negated))
    }

    fn sum(&mut self) -> Result<Node, ExprError> {
        self.chain(&[("+", Op::Add), ("-", Op::Subtract), ("||", Op::Join)], |p| {
            p.chain(&[("*", Op::Multiply), ("/", Op::Divide), ("%", Op::Remainder)], Self::signed)
        })
    }

    fn signed(&mut self) -> Result<Node, ExprError> {
        if self.sign("-") {
            return self.deeper(|p| Ok(Node::Minus(Box::new(p.signed()?))));
        }
        self.single()
    }

    fn single(&mut self) -> Result<Node, ExprError> {
        if self.sign("(") {
            let inner = self.any()?;
            self.need(")")?;
            return Ok(inner);
        }
        let Some((_, token)) = self.tokens.get(self.at).cloned() else { return Err(ExprError::Unfinished) };
        let error = self.unexpected();
        self.at += 1;
        match token {
            Token::Number(n) => Ok(Node::Number(n)),
            Token::Text(text) => Ok(Node::Text(text)),
            Token::Quoted(name) => self.field(&name),
            Token::Word(word) if self.sign("(") => self.call(&word),
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "null" => Ok(Node::Null),
                "true" => Ok(Node::Truth(true)),
                "false" => Ok(Node::Truth(false)),
                "$row" => Ok(Node::Row),
                "$id" => Ok(Node::Id),
                "$area" => Ok(Node::Call(Function::Area, Vec::new())),
                "$length" => Ok(Node::Call(Function::Length, Vec::new())),
                "and" | "or" | "not" | "in" | "is" | "like" | "ilike" | "between" => Err(error),
                _ => self.field(&word),
            },
            Token::Sign(_) => Err(error),
        }
    }

    fn field(&self, name: &str) -> Result<Node, ExprError> {
        let at = self.schema.iter().position(|f| f.name.eq_ignore_ascii_case(name));
        at.map(Node::Column).ok_or_else(|| ExprError::UnknownField {
            name: name.to_owned(),
            known: self.schema.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    fn call(&mut self, name: &str) -> Result<Node, ExprError> {
        let known = FUNCTIONS.iter().find(|(n, ..)| n.eq_ignore_ascii_case(name));
        let (name, function, counts) = known.ok_or_else(|| ExprError::UnknownFunction {
            name: name.to_owned(),
            known: FUNCTIONS.map(|(n, ..)| n).join(", "),
        })?;
        let mut arguments = Vec::new();
        if !self.sign(")") {
            arguments.push(self.any()?);
            while self.sign(",") {
                arguments.push(self.any()?);
            }
            self.need(")")?;
        }
        if !counts.contains(&arguments.len()) {
            let (low, high) = (counts.start(), counts.end());
            let wanted = if low == high { low.to_string() } else { format!("{low} … {high}") };
            return Err(ExprError::Arguments { name: (*name).to_owned(), wanted });
        }
        Ok(Node::Call(*function, arguments))
    }
}

/// Operators of one strength in a row; the walk over the tree is as deep.
const MAX_LINKS: usize = 500;

fn negate(node: Node, negated: bool) -> Node {
    if negated { Node::Not(Box::new(node)) } else { node }
}
