//! Blocks: their statements, and the arms of a `match`.

use proc_macro2::{Delimiter, Punct, Spacing, Span, TokenTree};

use super::sequence::{End, Operand};
use super::{Code, Region};
use crate::error_type;
use crate::syntax;
use crate::syntax::fragments;
use crate::syntax::scope::{self, Meaning};
use crate::syntax::statements::{
    begins_item, behind_arm, behind_attributes, behind_qualified_item, behind_statement,
    is_doubtful, is_open_let, statement_of_fragment,
};
use crate::tokens::{self, Token, group, is_pair, is_punct, is_word, word};

impl Code<'_> {
    /// Walks over what braces hold: statements, the arms of a `match`, or the fields of a struct.
    pub(crate) fn braces(&mut self, tokens: &[Token], end: End, out: &mut Vec<TokenTree>) {
        let scope = self.frame.scope.clone();
        let declares = std::mem::replace(&mut self.declares, false);
        let placed = std::mem::replace(&mut self.placed, false);
        // No other code has a `=>` in it.
        if (0..tokens.len()).any(|at| is_pair(tokens, at, ['=', '>'])) {
            self.declares = true;
            self.arms(tokens, end, out);
        } else {
            self.block(tokens, end, out);
        }
        (self.frame.scope, self.declares, self.placed) = (scope, declares, placed);
    }

    fn block(&mut self, tokens: &[Token], end: End, out: &mut Vec<TokenTree>) {
        let (inner, tokens) = syntax::inner_attributes(tokens);
        let mut at = 0;
        while at < inner.len() {
            at = self.attribute(inner, at, false, out);
        }
        let mut at = 0;
        while at < tokens.len() {
            let behind = behind_statement(tokens, at);
            let last = behind == tokens.len() && !is_punct(tokens.last(), ';');
            self.statement(&tokens[at..behind], if last { end } else { End::Other }, out);
            at = behind;
        }
    }

    /// Walks over one statement, or over the expression that a block ends in.
    pub(crate) fn statement(&mut self, tokens: &[Token], end: End, out: &mut Vec<TokenTree>) {
        let outer = std::mem::take(&mut self.probes);
        let first = out.len();
        self.probed(tokens, end, out);
        let probes = std::mem::replace(&mut self.probes, outer);
        out.splice(first..first, probes.into_iter().flatten());
    }

    /// Walks over a statement, and guards its probes with what decides if it is compiled. One that a macro hands on leaves
    /// them to the statement that it is a part of.
    pub(crate) fn probed(&mut self, tokens: &[Token], end: End, out: &mut Vec<TokenTree>) {
        let before = self.probes.len();
        let start = behind_attributes(tokens, 0);
        let mut at = 0;
        while at < start {
            at = self.attribute(tokens, at, begins_item(tokens, start), out);
        }
        let rest = &tokens[start..];
        let declares = self.declares;
        // A probe is left out with its statement. Only of one that begins with `let`, or is a macro call, it is clear that
        // nothing which runs could be a part of it.
        let left_out = conditions(&tokens[..start]).next().is_some();
        self.declares |= is_doubtful(rest) || left_out && !is_word(rest.first(), "let");
        if behind_qualified_item(rest, 0) == Some(rest.len()) {
            // Its code does not run here.
            fragments::item(rest, out);
        } else if self.in_lease() && self.macro_statement(rest, out) {
        } else if is_word(rest.first(), "let") {
            self.local(rest, out);
        } else if let [Token::Group(group), semicolon @ ..] = rest
            && let Some(fragment) = statement_of_fragment(rest.first())
        {
            let written =
                self.within(group, |code, inner| code.probed(fragment, End::Other, inner));
            out.push(written);
            if semicolon.is_empty() && is_open_let(fragment) {
                // As a fragment it needs none.
                out.push(Punct::new(';', Spacing::Alone).into());
            }
            tokens::write(semicolon, out);
        } else {
            self.sequence(rest, end, out);
        }
        self.declares = declares;
        for probe in &mut self.probes[before..] {
            let guarded = conditions(&tokens[..start]).chain(std::mem::take(probe));
            *probe = guarded.collect();
        }
    }

    /// Walks over `let PATTERN = VALUE else { .. };`.
    fn local(&mut self, tokens: &[Token], out: &mut Vec<TokenTree>) {
        let behind = tokens.len() - usize::from(is_punct(tokens.last(), ';'));
        let equals = syntax::equals(tokens, 1).min(behind);
        let pattern = &tokens[1..equals];
        tokens::write(&tokens[..1], out);
        let otherwise = behind >= 2
            && group(tokens.get(behind - 1), Delimiter::Brace).is_some()
            && is_word(tokens.get(behind - 2), "else");
        let end = if otherwise { behind - 2 } else { behind };
        self.sequence(pattern, End::Pattern, out);
        let mut value = Operand::default();
        let mut lent = scope::is_connection(pattern);
        if equals < end {
            tokens::write(&tokens[equals..=equals], out);
            // What a pattern does not take stays where it is.
            let takes_all = scope::declared(pattern).is_some_and(|name| !is_word(Some(name), "_"));
            self.placed = !takes_all || pattern.iter().any(|token| is_word(Some(token), "ref"));
            let init = &tokens[equals + 1..end];
            lent |= self.frame.scope.lends(Meaning::Connection, init);
            let span = tokens[equals].span();
            let typed = match self.frame.region {
                Region::Handler => scope::type_of(pattern)
                    .and_then(|ty| error_type::of_let(ty, &self.args.krate(span))),
                Region::Lease | Region::AsyncClosure => None,
            };
            let init_ends = if typed.is_some() { End::Typed } else { End::Other };
            let outer = std::mem::replace(&mut self.typed, typed);
            value = self.sequence(init, init_ends, out);
            self.typed = outer;
            self.placed = false;
        }
        self.sequence(&tokens[end.max(equals)..behind], End::Other, out);
        tokens::write(&tokens[behind..], out);
        syntax::each_word(pattern, &mut |name| self.frame.scope.forget_all_but_connection(name));
        let Some(name) = word(scope::declared(pattern)) else { return };
        self.frame.scope.forget(name);
        if lent {
            self.frame.scope.add(Meaning::Connection, name);
        } else if value.name == "session" && self.frame.region == Region::Handler {
            self.frame.scope.add(Meaning::Session, name);
        } else if value.is_statement {
            self.frame.scope.add(Meaning::Statement, name);
        } else if syntax::is_async_closure(&tokens[tokens.len().min(equals + 1)..]) {
            self.frame.scope.add(Meaning::AsyncClosure, name);
        }
    }

    fn arms(&mut self, tokens: &[Token], end: End, out: &mut Vec<TokenTree>) {
        let mut at = 0;
        while at < tokens.len() {
            let scope = self.frame.scope.clone();
            while is_punct(tokens.get(at), '#') {
                at = self.attribute(tokens, at, false, out);
            }
            let arrow = (at..tokens.len()).find(|at| is_pair(tokens, *at, ['=', '>']));
            let arrow = arrow.unwrap_or(tokens.len());
            let guard = (at..arrow).find(|at| is_word(tokens.get(*at), "if")).unwrap_or(arrow);
            self.pattern(&tokens[at..guard], out);
            self.sequence(&tokens[guard..arrow], End::Other, out);
            let value = tokens.len().min(arrow + 2);
            let behind = behind_arm(tokens, value);
            tokens::write(&tokens[arrow..value], out);
            self.arm(&tokens[value..behind], end, out);
            at = tokens.len().min(behind + usize::from(is_punct(tokens.get(behind), ',')));
            tokens::write(&tokens[behind..at], out);
            self.frame.scope = scope;
        }
    }

    /// Walks over the value of an arm or of a closure. With the probes before it, it is a block.
    pub(super) fn arm(&mut self, tokens: &[Token], end: End, out: &mut Vec<TokenTree>) {
        if self.in_lease() && self.diverging(tokens, out) {
            return;
        }
        let outer = std::mem::take(&mut self.probes);
        let declares = std::mem::replace(&mut self.declares, is_doubtful(tokens));
        let first = out.len();
        self.sequence(tokens, end, out);
        self.declares = declares;
        let probes = std::mem::replace(&mut self.probes, outer);
        if !probes.is_empty() {
            let value = out.split_off(first);
            let block = probes.into_iter().flatten().chain(value).collect();
            out.push(tokens::enclosed(Delimiter::Brace, Span::mixed_site(), block));
        }
    }
}

/// Returns the attributes that decide if something is compiled.
fn conditions(attrs: &[Token]) -> impl Iterator<Item = TokenTree> {
    let decides = |attr: &&[Token]| match attr {
        [_, Token::Group(attr)] => {
            let meta = match attr.tokens() {
                [Token::Group(fragment)] => fragment.tokens(),
                meta => meta,
            };
            matches!(word(meta.first()), Some("cfg" | "cfg_attr"))
        }
        _ => false,
    };
    attrs.chunks(2).filter(decides).flatten().map(Token::tree)
}
