//! Calls of functions and methods: leases, verbs, and what SL004, SL005 and SL006 know by its name.

use proc_macro2::{Delimiter, Ident, Span};
use syn::LitStr;

use crate::code::{Code, End, Operand, Region, Walk};
use crate::lease_call::is_verb;
use crate::rules::transaction_state::Within;
use crate::rules::{blocking, raw_access, session_state, sql, transaction_state};
use crate::syntax::{arguments, behind_generics, is_awaited, segments};
use crate::tokens::{self, Group, Token, group, is_pair, is_punct};

/// A call of a method: `.name::<..>(..)`.
pub(crate) struct MethodCall<'t> {
    pub(crate) dot: &'t Token,
    pub(crate) ident: &'t Ident,
    pub(crate) name: &'t str,
    pub(crate) turbofish: &'t [Token],
    pub(crate) group: &'t Group,
    pub(crate) behind: usize,
    pub(crate) awaited: bool,
}

impl Code<'_> {
    /// Walks over `.name` or `.name(..)`.
    pub(crate) fn member(&mut self, walk: &mut Walk<'_, '_>) {
        let (tokens, at, start) = (walk.tokens, walk.at, walk.start());
        let Some(Token::Word(ident, name)) = tokens.get(at + 1) else { return walk.pass(1) };
        let mut behind = at + 2;
        if is_pair(tokens, behind, [':', ':']) && is_punct(tokens.get(behind + 2), '<') {
            behind = behind_generics(tokens, behind + 2).unwrap_or(behind);
        }
        let Some(group) = group(tokens.get(behind), Delimiter::Parenthesis) else {
            walk.pass(2);
            walk.operand = Operand { name, ..Operand::value(start) };
            return;
        };
        let call = MethodCall {
            dot: &tokens[at],
            ident,
            name,
            turbofish: &tokens[at + 2..behind],
            group,
            behind: behind + 1,
            awaited: is_awaited(tokens, behind),
        };
        match self.lease_of(&call) {
            Some(lease) => self.lease(walk, &lease, &call),
            None => self.method(walk, &call),
        }
    }

    fn method<'t>(&mut self, walk: &mut Walk<'t, '_>, call: &MethodCall<'t>) {
        let (on, name, span) = (walk.operand, call.name, call.ident.span());
        let arguments = arguments(call.group.tokens());
        walk.at = call.behind;
        if raw_access::is_method(name, arguments.len(), on.name) && !self.args.allows("SL006") {
            if let Some(start) = on.start {
                // Without the operand, of whose type rustc may have more to say.
                walk.out.truncate(start);
                walk.out.extend(self.errors.in_place(span, &raw_access::call(name), self.args));
                walk.operand = Operand::value(on.start);
                self.edits += 1;
                return;
            }
            self.errors.at(span, raw_access::call(name));
        }
        if self.region != Region::Handler {
            if blocking::is_method(name, arguments.is_empty(), call.awaited, on.of_command) {
                self.refuse_blocking(span, name);
            }
            if name == "unchecked" {
                self.refuse_empty_reason(arguments.first());
            }
        }
        let verb = self.verb_of(call, &on, &arguments);
        walk.out.push(call.dot.tree());
        walk.out.push(match &verb {
            Some(verb) => Ident::new(verb, span).into(),
            None => call.ident.clone().into(),
        });
        self.edits += usize::from(verb.is_some());
        tokens::write(call.turbofish, walk.out);
        let outer = (self.verb, self.elsewhere);
        self.verb |= is_verb(name);
        self.elsewhere |= blocking::gives_away(name);
        let end = if blocking::spawns(name) { End::Spawned } else { End::Other };
        let inner = self.within(call.group, |code, inner| {
            code.sequence(call.group.tokens(), end, inner);
        });
        walk.out.push(inner);
        (self.verb, self.elsewhere) = outer;
        let built = matches!(name, "build_query_as" | "build_query_scalar");
        walk.operand = Operand {
            name,
            is_statement: verb.is_none() && (built || on.is_statement),
            of_command: on.of_command,
            ..Operand::value(on.start)
        };
    }

    /// Walks over the call of a function, whose arguments are `group`.
    pub(crate) fn call<'t>(&mut self, walk: &mut Walk<'t, '_>, group: &'t Group, end: End) {
        let function = walk.operand;
        let path = segments(function.path);
        let awaited = is_awaited(walk.tokens, walk.at - 1);
        if let Some(last) = path.last()
            && raw_access::is_function(&path)
            && !self.args.allows("SL006")
        {
            let word = function.path.iter().rfind(|token| matches!(token, Token::Word(..)));
            let span = word.map_or_else(Span::call_site, Token::span);
            self.errors.at(span, raw_access::call(last));
        }
        if self.region != Region::Handler {
            if blocking::is_function(&path, awaited) && self.refuses_blocking() {
                let message = blocking::message(&path.join("::"));
                self.errors.on(tokens::stream(function.path), message);
            }
            if path.last() == Some(&"unchecked") {
                self.refuse_empty_reason(arguments(group.tokens()).get(1));
            }
        }
        let sends = sql::is_function(&path);
        if sends && (self.region != Region::Handler || self.verb) {
            let first = arguments(group.tokens()).first().copied();
            self.refuse_sql(first.unwrap_or_default());
        }
        let outer = self.elsewhere;
        self.elsewhere |= blocking::runs_elsewhere(&path);
        let end = match path.last() {
            _ if end == End::Pattern => end,
            Some(last) if blocking::spawns(last) => End::Spawned,
            _ => End::Other,
        };
        let inner = self.within(group, |code, inner| {
            code.sequence(group.tokens(), end, inner);
        });
        walk.out.push(inner);
        self.elsewhere = outer;
        walk.operand = Operand {
            name: function.name,
            is_statement: sends && !path.contains(&"QueryBuilder"),
            of_command: matches!(path.as_slice(), [.., "Command", _]),
            ..Operand::value(function.start)
        };
    }

    /// Returns the name of the method that a verb becomes on the leased connection, or on what may be one.
    fn verb_of(
        &self,
        call: &MethodCall<'_>,
        on: &Operand<'_>,
        arguments: &[&[Token]],
    ) -> Option<String> {
        let [argument] = arguments else { return None };
        if !self.in_lease() || !is_verb(call.name) || !call.turbofish.is_empty() {
            return None;
        }
        if self.scope.lends(argument) {
            return Some(format!("__{}", call.name));
        }
        on.is_statement.then(|| format!("__{}_on", call.name))
    }

    pub(crate) fn refuse_sql(&mut self, arguments: &[Token]) -> bool {
        let mut has_text = false;
        for token in arguments {
            match token {
                Token::Group(group) => has_text |= self.refuse_sql(group.tokens()),
                Token::Literal(literal) => {
                    let Ok(sql) = syn::parse_str::<LitStr>(&literal.to_string()) else { continue };
                    has_text = true;
                    if let Some(refusal) = self.sql_refusal(&sql.value()) {
                        self.errors.at(literal.span(), refusal);
                    }
                }
                _ => {}
            }
        }
        has_text
    }

    /// Returns what is wrong with SQL that runs here, if anything shows in its words.
    fn sql_refusal(&self, text: &str) -> Option<String> {
        let statements = sql::statements(text);
        if let Some(effect) = session_state::session_state(&statements) {
            return (!self.args.allows("SL005")).then(|| effect.message());
        }
        if self.within == Within::Transaction {
            return None;
        }
        let effect = transaction_state::transaction_state(&statements)?;
        (!self.args.allows("SL011")).then(|| effect.message(self.within))
    }

    fn refuse_blocking(&mut self, span: Span, name: &str) {
        if self.refuses_blocking() {
            self.errors.at(span, blocking::message(name));
        }
    }

    fn refuses_blocking(&self) -> bool {
        !self.elsewhere && !self.args.allows("SL004")
    }

    fn refuse_empty_reason(&mut self, reason: Option<&&[Token]>) {
        let Some([Token::Literal(literal)]) = reason else { return };
        let text = syn::parse_str::<LitStr>(&literal.to_string());
        if text.is_ok_and(|text| text.value().trim().is_empty()) {
            self.errors.at(literal.span(), raw_access::NO_REASON);
        }
    }
}
