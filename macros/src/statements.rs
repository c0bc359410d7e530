//! Blocks, cut into statements, and the arms of a `match`.

use proc_macro2::{Delimiter, TokenTree};

use crate::code::{Code, End, Operand};
use crate::tokens::{
    self, behind_generics, group, ident, is_block_keyword, is_pair, is_punct, is_word,
};

impl Code<'_> {
    /// Walks over what braces hold: statements, the arms of a `match`, or the fields of a struct.
    pub(crate) fn braces(&mut self, tokens: Vec<TokenTree>, end: End) -> Vec<TokenTree> {
        let scope = self.scope.clone();
        let declares = std::mem::replace(&mut self.declares, false);
        let placed = std::mem::replace(&mut self.placed, false);
        let mut out = Vec::with_capacity(tokens.len());
        // No other code has a `=>` in it.
        if (0..tokens.len()).any(|at| is_pair(&tokens, at, ['=', '>'])) {
            self.declares = true;
            self.arms(&tokens, end, &mut out);
        } else {
            self.block(&tokens, end, &mut out);
        }
        (self.scope, self.declares, self.placed) = (scope, declares, placed);
        out
    }

    fn block(&mut self, tokens: &[TokenTree], end: End, out: &mut Vec<TokenTree>) {
        let probes = std::mem::take(&mut self.probes);
        let mut at = 0;
        while at < tokens.len() {
            let behind = behind_statement(tokens, at);
            let last = behind == tokens.len() && !is_punct(tokens.last(), ';');
            self.statement(&tokens[at..behind], if last { end } else { End::Other }, out);
            at = behind;
        }
        self.probes = probes;
    }

    /// Walks over a fragment of a macro: an expression, statements, an item, a pattern or a type.
    pub(crate) fn fragment(
        &mut self,
        tokens: &[TokenTree],
        end: End,
        out: &mut Vec<TokenTree>,
    ) -> Operand {
        if is_word(tokens.first(), "let") {
            self.statement(tokens, End::Other, out);
            return Operand::default();
        }
        self.sequence(tokens, end, out)
    }

    /// Walks over one statement, or over the expression that a block ends in.
    pub(crate) fn statement(&mut self, tokens: &[TokenTree], end: End, out: &mut Vec<TokenTree>) {
        let start = behind_attributes(tokens, 0);
        let mut written = Vec::with_capacity(tokens.len() + 8);
        let mut attrs = Vec::new();
        let mut at = 0;
        while at < start {
            at = self.attribute(tokens, at, &mut attrs);
        }
        let rest = &tokens[start..];
        let is_macro = self.in_lease() && self.macro_statement(rest, &mut written);
        if is_macro {
        } else if is_word(rest.first(), "let") {
            self.local(rest, &mut written);
        } else {
            self.sequence(rest, end, &mut written);
        }
        if !self.probes.is_empty() {
            out.extend(conditions(&tokens[..start]));
            out.append(&mut self.probes);
        }
        out.append(&mut attrs);
        out.append(&mut written);
    }

    /// Walks over `let PATTERN = VALUE else { .. };`.
    fn local(&mut self, tokens: &[TokenTree], out: &mut Vec<TokenTree>) {
        let behind = tokens.len() - usize::from(is_punct(tokens.last(), ';'));
        let equals = tokens::equals(tokens, 1).min(behind);
        let pattern = &tokens[1..equals];
        out.push(tokens[0].clone());
        let otherwise = behind >= 2
            && group(tokens.get(behind - 1), Delimiter::Brace).is_some()
            && is_word(tokens.get(behind - 2), "else");
        let end = if otherwise { behind - 2 } else { behind };
        self.sequence(pattern, End::Pattern, out);
        let mut value = Operand::default();
        let mut lent = tokens::is_connection(pattern);
        if equals < end {
            out.push(tokens[equals].clone());
            self.placed = pattern.iter().any(|token| is_word(Some(token), "ref"));
            let init = &tokens[equals + 1..end];
            let root = tokens::root(init);
            lent |= root.is_some_and(|root| self.scope.is_connection(&root));
            value = self.sequence(init, End::Other, out);
            self.placed = false;
        }
        self.sequence(&tokens[end.max(equals)..behind], End::Other, out);
        out.extend(tokens[behind..].iter().cloned());
        tokens::each_ident(pattern, &mut |name| self.scope.forget_statement(&name.to_string()));
        let Some(name) = tokens::declared(pattern).map(ToString::to_string) else { return };
        self.scope.forget(&name);
        if lent {
            self.scope.add_connection(name);
        } else if value.is_statement {
            self.scope.add_statement(name);
        }
    }

    fn arms(&mut self, tokens: &[TokenTree], end: End, out: &mut Vec<TokenTree>) {
        let mut at = 0;
        while at < tokens.len() {
            let scope = self.scope.clone();
            while is_punct(tokens.get(at), '#') {
                at = self.attribute(tokens, at, out);
            }
            let arrow = (at..tokens.len()).find(|at| is_pair(tokens, *at, ['=', '>']));
            let arrow = arrow.unwrap_or(tokens.len());
            let guard = (at..arrow).find(|at| is_word(tokens.get(*at), "if")).unwrap_or(arrow);
            self.pattern(&tokens[at..guard], out);
            self.sequence(&tokens[guard..arrow], End::Other, out);
            let body = tokens.len().min(arrow + 2);
            out.extend(tokens[arrow..body].iter().cloned());
            let behind = behind_arm(tokens, body);
            self.arm(&tokens[body..behind], end, out);
            at = behind;
            if is_punct(tokens.get(at), ',') {
                out.push(tokens[at].clone());
                at += 1;
            }
            self.scope = scope;
        }
    }

    /// Walks over the value of an arm.
    fn arm(&mut self, tokens: &[TokenTree], end: End, out: &mut Vec<TokenTree>) {
        let mut written = Vec::new();
        if !self.in_lease() || !self.diverging(tokens, &mut written) {
            self.sequence(tokens, end, &mut written);
        }
        out.append(&mut written);
    }
}

/// Tells whether an expression would be cut into several statements if it were written as one.
pub(crate) fn is_cut(expression: &[TokenTree]) -> bool {
    behind_block_like(expression, 0).is_some_and(|behind| behind < expression.len())
}

/// Returns the attributes that decide whether something is compiled.
fn conditions(attrs: &[TokenTree]) -> Vec<TokenTree> {
    let mut conditions = Vec::new();
    for pair in attrs.chunks(2) {
        let [hash, TokenTree::Group(attr)] = pair else { break };
        let name = attr.stream().into_iter().next();
        if is_word(name.as_ref(), "cfg") || is_word(name.as_ref(), "cfg_attr") {
            conditions.extend([hash.clone(), attr.clone().into()]);
        }
    }
    conditions
}

fn behind_attributes(tokens: &[TokenTree], mut at: usize) -> usize {
    while is_punct(tokens.get(at), '#') && group(tokens.get(at + 1), Delimiter::Bracket).is_some() {
        at += 2;
    }
    at
}

/// Returns the index behind the statement that begins at `from`.
fn behind_statement(tokens: &[TokenTree], from: usize) -> usize {
    let start = behind_attributes(tokens, from);
    let ends = behind_item(tokens, start)
        .or_else(|| behind_block_like(tokens, start))
        .or_else(|| behind_macro(tokens, start));
    if let Some(end) = ends {
        return end;
    }
    let semicolon = (start..tokens.len()).find(|at| is_punct(tokens.get(*at), ';'));
    semicolon.map_or(tokens.len(), |at| at + 1)
}

/// Returns the index behind the value of an arm: at its comma, or behind its block.
fn behind_arm(tokens: &[TokenTree], from: usize) -> usize {
    if let Some(end) = behind_block_like(tokens, from) {
        return end;
    }
    let mut at = from;
    while at < tokens.len() && !is_punct(tokens.get(at), ',') {
        let generics = is_pair(tokens, at, [':', ':']) && is_punct(tokens.get(at + 2), '<');
        at = match generics.then(|| behind_generics(tokens, at + 2)).flatten() {
            Some(behind) => behind,
            None => at + 1,
        };
    }
    at
}

/// Returns the index behind an item that ends with its braces or a semicolon.
fn behind_item(tokens: &[TokenTree], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let qualifier = match tokens.get(at)? {
            TokenTree::Ident(word) => ["pub", "unsafe", "async", "extern", "const"]
                .iter()
                .any(|qualifier| word == qualifier),
            TokenTree::Literal(_) => at > from,
            TokenTree::Group(group) => at > from && group.delimiter() == Delimiter::Parenthesis,
            TokenTree::Punct(_) => false,
        };
        if !qualifier {
            break;
        }
        at += 1;
    }
    let word = ident(tokens.get(at))?.to_string();
    let item = match word.as_str() {
        "fn" => ident(tokens.get(at + 1)).is_some(),
        "struct" | "enum" | "impl" | "trait" | "mod" => true,
        _ => false,
    };
    let ends = |token: &TokenTree| {
        is_punct(Some(token), ';') || group(Some(token), Delimiter::Brace).is_some()
    };
    item.then(|| tokens[at..].iter().position(ends).map_or(tokens.len(), |len| at + len + 1))
}

/// Returns the index behind a macro call in braces, which is a statement without a semicolon.
fn behind_macro(tokens: &[TokenTree], from: usize) -> Option<usize> {
    let mut at = from;
    while ident(tokens.get(at)).is_some() || is_pair(tokens, at, [':', ':']) {
        at += if ident(tokens.get(at)).is_some() { 1 } else { 2 };
    }
    if at == from || !is_punct(tokens.get(at), '!') {
        return None;
    }
    at += 1;
    // `macro_rules! name { .. }`
    at += usize::from(ident(tokens.get(at)).is_some());
    group(tokens.get(at), Delimiter::Brace)?;
    at += 1;
    (!goes_on(tokens, at)).then(|| at + usize::from(is_punct(tokens.get(at), ';')))
}

/// Returns the index behind an expression that is a statement without a semicolon: a block, a loop, a choice.
fn behind_block_like(tokens: &[TokenTree], from: usize) -> Option<usize> {
    let mut at = from;
    if is_punct(tokens.get(at), '\'') && is_punct(tokens.get(at + 2), ':') {
        at += 3;
    }
    let block = |at: usize| group(tokens.get(at), Delimiter::Brace).map(|_| at + 1);
    let word = ident(tokens.get(at)).map(ToString::to_string);
    at = match word.as_deref() {
        Some("if") => {
            at = block_of_condition(tokens, at + 1)? + 1;
            while is_word(tokens.get(at), "else") {
                at = match is_word(tokens.get(at + 1), "if") {
                    true => block_of_condition(tokens, at + 2)? + 1,
                    false => block(at + 1)?,
                };
            }
            at
        }
        Some("match" | "while" | "for") => block_of_condition(tokens, at + 1)? + 1,
        Some("loop" | "unsafe" | "const") => block(at + 1)?,
        _ => block(at)?,
    };
    (!goes_on(tokens, at)).then_some(at)
}

/// Tells whether an expression that could end here goes on with a call or a `?`.
fn goes_on(tokens: &[TokenTree], at: usize) -> bool {
    let dot = is_punct(tokens.get(at), '.') && !is_pair(tokens, at, ['.', '.']);
    dot || is_punct(tokens.get(at), '?')
}

/// Returns the index of the block behind a condition, a scrutinee or an iterator.
fn block_of_condition(tokens: &[TokenTree], from: usize) -> Option<usize> {
    let mut at = from;
    // Expressions within it that end in a block of their own.
    let mut pending = 0_usize;
    if is_word(tokens.get(from.checked_sub(1)?), "for") {
        at += tokens[at..].iter().position(|token| is_word(Some(token), "in"))?;
    }
    loop {
        match tokens.get(at)? {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                if word == "let" {
                    at = tokens::equals(tokens, at + 1);
                    continue;
                }
                pending +=
                    usize::from(is_block_keyword(&word) || word == "async" || word == "else");
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let closure = is_punct(tokens.get(at - 1), '|');
                if pending == 0 && !closure {
                    return Some(at);
                }
                pending = pending.saturating_sub(1);
            }
            _ => {}
        }
        at += 1;
    }
}
