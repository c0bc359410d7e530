//! Calls of functions and methods: leases, verbs, and what SL004, SL005, SL006 and SL011 know by its name.

use std::slice;

use proc_macro2::{Delimiter, Ident, Span};
use syn::Lit;

use super::sequence::{Callee, End, Operand, Walk};
use super::{Code, Region};
use crate::rules::transaction_state::Within;
use crate::rules::{blocking, raw_access, session_state, sql, transaction_state};
use crate::syntax::lease_call::{LeaseCall, is_verb, keeps_error};
use crate::syntax::scope::{self, Meaning};
use crate::syntax::{arguments, behind_turbofish, is_async_closure, is_awaited, segments};
use crate::tokens::{self, Group, Token, group, is_punct, is_word};

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
        let behind = behind_turbofish(tokens, at + 2);
        let Some(group) = group(tokens.get(behind), Delimiter::Parenthesis) else {
            let root = walk.operand.root;
            walk.pass(2);
            walk.operand = Operand { name, root, ..Operand::value(start) };
            return;
        };
        self.refuse_hidden(&tokens[at + 2..behind]);
        let call = MethodCall {
            dot: &tokens[at],
            ident,
            name,
            turbofish: &tokens[at + 2..behind],
            group,
            behind: behind + 1,
            awaited: is_awaited(tokens, behind),
        };
        if let Some(lease) = self.lease_of(&walk.operand, &call) {
            self.lease(walk, &lease, &call);
        } else if let Some(body) = self.body_by_name(&walk.operand, &call)
            && let Some(lease) = LeaseCall::read(name, &body)
        {
            self.lease(walk, &lease, &call);
        } else if let Some(mistake) = self.mistake_of_call(&walk.operand, &call) {
            walk.at = call.behind;
            self.refuse_method(walk, &call, &mistake);
        } else {
            self.method(walk, &call);
        }
    }

    /// Returns what is wrong with a call of a method that is refused as a whole.
    fn mistake_of_call(&self, on: &Operand<'_>, call: &MethodCall<'_>) -> Option<String> {
        if let Some(mistake) = self.mistake_of_lease(on, call) {
            return Some(mistake.to_owned());
        }
        let name = call.name;
        let arguments = arguments(call.group.tokens());
        if raw_access::is_method(name, arguments.len(), on.name) && !self.args.allows("SL006") {
            return Some(raw_access::call(name, self.in_lease()));
        }
        if let Some(mistake) = self.runs_around(&arguments) {
            return Some(mistake);
        }
        let scope = &self.frame.scope;
        match arguments[..] {
            [] if self.in_lease() && on.is_statement && is_verb(name) => {
                let conn = scope.connection().unwrap_or("conn");
                Some(format!("`.{name}()` is given no connection\nhelp: write `.{name}({conn})`"))
            }
            [argument]
                if self.frame.either.is_some()
                    && name == "fetch"
                    && scope.lends(Meaning::Connection, argument) =>
            {
                Some(NO_STREAM.to_owned())
            }
            [argument]
                if self.frame.region == Region::Handler
                    && on.is_statement
                    && is_verb(name)
                    && scope.lends(Meaning::Session, argument) =>
            {
                let session = scope::root(argument).unwrap_or_default();
                Some(format!(
                    "a session runs a statement itself\nhelp: write `{session}.{name}(query)`\nhelp: or open a lease, and run it on the connection of that"
                ))
            }
            [_, [bar, lent, ..]]
                if self.frame.region != Region::Handler
                    && name == "unchecked"
                    && is_punct(Some(bar), '|')
                    && !is_word(Some(lent), "_") =>
            {
                Some(UNCHECKED_NOT_ASYNC.to_owned())
            }
            _ => None,
        }
    }

    fn method<'t>(&mut self, walk: &mut Walk<'t, '_>, call: &MethodCall<'t>) {
        let (on, name, span) = (walk.operand, call.name, call.ident.span());
        let arguments = arguments(call.group.tokens());
        let before = &walk.tokens[..walk.at];
        walk.at = call.behind;
        if self.frame.region != Region::Handler {
            if blocking::is_method(name, arguments.is_empty(), call.awaited, on.of_command) {
                self.refuse_blocking(span, name);
            }
            if name == "unchecked" {
                self.refuse_empty_reason(arguments.first());
            }
        }
        if is_verb(name) && (self.in_lease() || self.is_session(&on)) {
            let argument = arguments.first().copied().unwrap_or_default();
            for text in [before, argument].into_iter().filter_map(text) {
                self.refuse_sql(text);
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
        // Another name may be of a reference to the connection.
        let known = |argument: &[Token]| {
            self.frame.scope.lends(Meaning::Connection, argument) || scope::root(argument).is_none()
        };
        let lent = verb
            .as_ref()
            .and_then(|_| without_stars(call.group.tokens()))
            .filter(|_| known(call.group.tokens()));
        let inner = self.within(call.group, |code, inner| {
            code.sequence(lent.as_deref().unwrap_or(call.group.tokens()), end, inner);
            code.edits += usize::from(lent.is_some());
        });
        walk.out.push(inner);
        (self.verb, self.elsewhere) = outer;
        let is_answer = on.is_answer && keeps_error(name);
        let built = matches!(name, "build_query_as" | "build_query_scalar");
        let of_session = is_verb(name)
            && (on.name == "session" || self.frame.scope.is(Meaning::Session, on.name));
        walk.operand = Operand {
            name,
            is_statement: verb.is_none() && (built || on.is_statement),
            of_command: on.of_command,
            is_answer,
            callee: match self.callee(&[name], &arguments) {
                _ if of_session => Callee::TakesSession,
                Callee::Unknown if is_verb(name) && arguments.len() == 1 => Callee::Verb,
                callee => callee,
            },
            ..Operand::value(on.start)
        };
        if is_answer {
            self.ended(walk, span);
        }
    }

    /// Reports a mistake in the place of a call and its operand, of whose type rustc may have more to say.
    fn refuse_method(&mut self, walk: &mut Walk<'_, '_>, call: &MethodCall<'_>, message: &str) {
        let (start, span) = (walk.operand.start, call.ident.span());
        self.edits += 1;
        match start {
            Some(start) => {
                walk.out.truncate(start);
                walk.out.extend(self.errors.in_place(span, message, self.args));
            }
            None => {
                self.errors.at(span, message);
                walk.out.extend([call.dot.tree(), call.ident.clone().into(), call.group.tree()]);
            }
        }
        walk.operand = Operand::value(start);
    }

    /// Returns what is wrong with arguments in a savepoint, if one of them is the transaction around it.
    fn runs_around(&self, arguments: &[&[Token]]) -> Option<String> {
        let around = |argument: &&&[Token]| self.frame.scope.lends(Meaning::Around, argument);
        let around = scope::root(arguments.iter().find(around)?)?;
        let conn = self.frame.scope.connection().unwrap_or("sp");
        Some(format!(
            "`{around}` is the transaction around this savepoint\nhelp: write `{conn}`, so that the savepoint can undo it"
        ))
    }

    /// Walks over the call of a function, whose arguments are `group`.
    pub(crate) fn call<'t>(&mut self, walk: &mut Walk<'t, '_>, group: &'t Group, end: End) {
        let function = walk.operand;
        if let Some(start) = function.start
            && let Some(message) = self.runs_around(&arguments(group.tokens()))
        {
            self.edits += 1;
            walk.out.truncate(start);
            walk.out.extend(self.errors.in_place(group.span(), &message, self.args));
            walk.operand = Operand::value(Some(start));
            return;
        }
        let path = segments(function.path);
        let awaited = is_awaited(walk.tokens, walk.at - 1);
        if let Some(last) = path.last()
            && raw_access::is_function(&path)
            && !self.args.allows("SL006")
        {
            let word = function.path.iter().rfind(|token| matches!(token, Token::Word(..)));
            let span = word.map_or_else(Span::call_site, Token::span);
            self.errors.at(span, raw_access::call(last, self.in_lease()));
        }
        if self.frame.region != Region::Handler {
            if blocking::is_function(&path, awaited) && self.refuses_blocking() {
                let message = blocking::message(&path.join("::"));
                self.errors.on(tokens::stream(function.path), message);
            }
            if path.last() == Some(&"unchecked") {
                self.refuse_empty_reason(arguments(group.tokens()).get(1));
            }
        }
        let sends = sql::is_function(&path);
        if sends && (self.frame.region != Region::Handler || self.verb) {
            let first = arguments(group.tokens()).first().copied();
            self.refuse_sql(first.unwrap_or_default());
        }
        let outer = self.elsewhere;
        self.elsewhere |= blocking::runs_elsewhere(&path);
        let end = match path.last() {
            _ if matches!(end, End::Pattern | End::Spawned) => end,
            Some(last) if blocking::spawns(last) => End::Spawned,
            // Whoever runs the lease has the value of its body.
            Some(&"Ok") if walk.ends(walk.at) => End::Spawned,
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
            callee: self.callee(&path, &arguments(group.tokens())),
            ..Operand::value(function.start)
        };
    }

    pub(crate) fn callee(&self, path: &[&str], arguments: &[&[Token]]) -> Callee {
        let scope = &self.frame.scope;
        let lends = |meaning| arguments.iter().any(|argument| scope.lends(meaning, argument));
        match path {
            [name] if scope.is(Meaning::AsyncClosure, name) => Callee::AsyncClosure,
            _ if lends(Meaning::Session) => Callee::TakesSession,
            _ if lends(Meaning::Connection) => Callee::TakesConnection,
            _ if arguments.iter().any(|argument| is_async_closure(argument)) => {
                Callee::AsyncClosure
            }
            [.., name] if blocking::waits(name) => Callee::Waits,
            [.., name] if blocking::joins(name) => Callee::Joins,
            _ => Callee::Unknown,
        }
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
        let lent = self.frame.scope.lends(Meaning::Connection, argument);
        if self.frame.either.is_some() {
            return (lent || on.is_statement).then(|| format!("__{}_either", call.name));
        }
        if lent {
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
                    let Lit::Str(sql) = Lit::new(literal.clone()) else { continue };
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
        let text = text.to_lowercase();
        let statements = sql::statements(&text);
        if let Some(effect) = session_state::session_state(&statements) {
            return (!self.args.allows("SL005")).then(|| effect.message());
        }
        if self.frame.region == Region::Handler && session_state::asks_of_another(&statements) {
            return (!self.args.allows("SL005")).then(|| session_state::ASKS_OF_ANOTHER.to_owned());
        }
        if self.frame.within == Within::Transaction {
            return None;
        }
        let effect = transaction_state::transaction_state(&statements)?;
        (!self.args.allows("SL011")).then(|| effect.message(self.frame.within))
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
        if matches!(Lit::new(literal.clone()), Lit::Str(text) if text.value().trim().is_empty()) {
            self.errors.at(literal.span(), raw_access::NO_REASON);
        }
    }
}

/// Returns the text of the statement that an operand is, if that is no more than a text.
fn text(operand: &[Token]) -> Option<&[Token]> {
    match operand {
        [.., text @ Token::Literal(_)] => Some(slice::from_ref(text)),
        [.., safe, Token::Group(text)] if is_word(Some(safe), "AssertSqlSafe") => {
            Some(text.tokens())
        }
        [Token::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            text(group.tokens())
        }
        _ => None,
    }
}

const UNCHECKED_NOT_ASYNC: &str =
    "the body of `unchecked` is an async closure\nhelp: write `async |raw| ..`";
const NO_STREAM: &str = "a helper on an `EitherConn` cannot stream rows\nhelp: read them with `.fetch_all(conn)`, or take a `&mut Conn<_>`";

/// Returns `&mut *conn` for `&mut **conn`, as code has it that was written for a connection in a guard.
fn without_stars(argument: &[Token]) -> Option<Vec<Token>> {
    let stars = argument.iter().skip(2).take_while(|token| is_punct(Some(token), '*')).count();
    let borrows = is_punct(argument.first(), '&') && is_word(argument.get(1), "mut");
    (borrows && stars > 1).then(|| [&argument[..2], &argument[1 + stars..]].concat())
}
