//! SL002: futures with leases in them that a loop polls, and leaves half done while it awaits something else.

use proc_macro2::{Delimiter, Span};

use crate::error::Errors;
use crate::rules::{blocking, parked};
use crate::syntax::lease_call::LeaseCall;
use crate::syntax::scope::declared;
use crate::syntax::{each_word, equals};
use crate::tokens::{Token, group, is_punct, word};

/// Refuses such loops in the body of a handler.
pub(crate) fn refuse(body: &[Token], errors: &mut Errors) {
    Parked { variables: Vec::new(), errors }.walk(body, &mut Loop::default());
}

struct Parked<'t, 'e> {
    variables: Vec<Variable<'t>>,
    errors: &'e mut Errors,
}

/// A variable that is a future with leases in it, or a stream of such.
struct Variable<'t> {
    name: &'t str,
    /// True if several of them are half done between two items of the stream.
    buffered: bool,
}

/// The innermost loop around the code at hand.
#[derive(Default)]
struct Loop<'t> {
    awaits: usize,
    /// How many of them are for the next item of a stream with leases.
    polls: usize,
    /// The first variable that it polls, and the place.
    polled: Option<(&'t str, Span)>,
}

impl<'t> Parked<'t, '_> {
    fn walk(&mut self, tokens: &'t [Token], within: &mut Loop<'t>) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at..];
            at += match token {
                Token::Word(_, word) => self.word(word, rest, within),
                Token::Group(group) => {
                    self.walk(group.tokens(), within);
                    1
                }
                _ => 1,
            };
        }
    }

    /// Looks at a word and what follows. Returns how many tokens that was.
    fn word(&mut self, word: &str, tokens: &'t [Token], within: &mut Loop<'t>) -> usize {
        match word {
            "let" => self.declaration(tokens),
            "await" => within.awaits += 1,
            "async" => {
                let block = behind_block(tokens);
                self.walk(&tokens[1..block], &mut Loop::default());
                return block;
            }
            "loop" | "while" | "for" => {
                let block = behind_block(tokens);
                self.refuse_loop(&tokens[1..block], within);
                return block;
            }
            _ => return self.name(tokens, within),
        }
        1
    }

    /// Looks at `let NAME = VALUE;`.
    fn declaration(&mut self, tokens: &'t [Token]) {
        let start = equals(tokens, 1);
        let len = tokens[start..].iter().position(|token| is_punct(Some(token), ';'));
        let value = &tokens[start..len.map_or(tokens.len(), |len| start + len)];
        let Some(name) = word(declared(&tokens[1..start])) else { return };
        let (mut parks, mut buffered) = (holds_lease(value), false);
        each_word(value, &mut |word| {
            let known = self.variables.iter().find(|variable| variable.name == word);
            parks |= known.is_some();
            buffered |= parked::is_buffer(word) || known.is_some_and(|known| known.buffered);
        });
        self.variables.retain(|variable| variable.name != name);
        if parks && !is_awaited(value) {
            self.variables.push(Variable { name, buffered });
        }
    }

    /// Looks at `NAME.push(VALUE)`, `NAME.next()` and `select! { .. }`. Returns how many tokens that was.
    fn name(&mut self, tokens: &'t [Token], within: &mut Loop<'t>) -> usize {
        let [Token::Word(ident, name), sign, rest @ ..] = tokens else { return 1 };
        match rest {
            [Token::Group(body), ..] if is_punct(Some(sign), '!') && parked::is_select(name) => {
                let mut polled = None;
                each_word(body.tokens(), &mut |word| {
                    let known = self.variables.iter().find(|variable| variable.name == word);
                    polled = polled.or(known.map(|known| (known.name, ident.span())));
                });
                let mut branches = Loop::default();
                self.walk(body.tokens(), &mut branches);
                within.awaits += branches.awaits;
                within.polled = within.polled.or(polled);
                return 3;
            }
            [Token::Word(_, method), Token::Group(values), ..] if is_punct(Some(sign), '.') => {
                if parked::is_push(method) && holds_lease(values.tokens()) {
                    self.variables.push(Variable { name, buffered: true });
                }
                let known = |known: &Variable<'_>| known.buffered && known.name == name;
                if parked::is_next(method) && self.variables.iter().any(known) {
                    within.polls += 1;
                    within.polled = within.polled.or(Some((name, ident.span())));
                }
            }
            _ => {}
        }
        1
    }

    fn refuse_loop(&mut self, tokens: &'t [Token], outer: &mut Loop<'t>) {
        let mut within = Loop::default();
        self.walk(tokens, &mut within);
        outer.awaits += within.awaits;
        if let Some((name, span)) = within.polled
            && within.awaits > within.polls
        {
            self.errors.at(span, parked::message(name));
        }
    }
}

/// Returns the index behind the first block.
fn behind_block(tokens: &[Token]) -> usize {
    let block = tokens.iter().position(|token| group(Some(token), Delimiter::Brace).is_some());
    block.map_or(tokens.len(), |at| at + 1)
}

fn holds_lease(tokens: &[Token]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| match token {
        Token::Group(group) => {
            let callee = at.checked_sub(1).and_then(|callee| word(tokens.get(callee)));
            let callee = callee.unwrap_or_default();
            // A task of its own polls what it is given.
            !blocking::spawns(callee)
                && (LeaseCall::read(callee, group.tokens()).is_some()
                    || holds_lease(group.tokens()))
        }
        _ => false,
    })
}

/// Tells whether there is an await in tokens, but for those in `async` blocks.
fn is_awaited(tokens: &[Token]) -> bool {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += match token {
            Token::Word(_, word) if word == "await" => return true,
            Token::Word(_, word) if word == "async" => behind_block(&tokens[at..]),
            Token::Group(group) if is_awaited(group.tokens()) => return true,
            _ => 1,
        };
    }
    false
}
