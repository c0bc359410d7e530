//! The walk over the code of a function.
//!
//! Everything is looked at, token by token, in its order. Outside of leases only the leases change; in a lease,
//! every await is checked. What comes out is what went in, with something inserted behind operands, or renamed.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenTree};
use syn::LitStr;

use crate::args::Args;
use crate::error::Errors;
use crate::lease_call::{is_lease_only, is_verb};
use crate::macro_call::MacroCall;
use crate::rules::transaction_state::Within;
use crate::rules::{blocking, raw_access, session_state, sql, transaction_state};
use crate::scope::Scope;
use crate::tokens::{
    self, arguments, behind_generics, group, ident, is_keyword, is_lone, is_pair, is_punct,
    is_word, list, regroup,
};

/// The place that the walk is at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Region {
    /// In a handler, around its leases.
    Handler,
    /// In a lease that is no transaction, in a transaction, or in a leased function.
    Lease,
    /// In an async closure within a lease, as `unchecked` takes one. What it returns is no database future, so its
    /// awaits are not checked: whoever awaits it in the lease is refused.
    AsyncClosure,
}

/// The meaning of the end of a token sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The end of a lease's body: an error of the last await is converted, as `?` would.
    Body,
    /// The end of the arguments of a `spawn`: futures that others wait for.
    Spawned,
    /// The end of a pattern.
    Pattern,
    /// The end of the types between `::<` and `>`, in which no code runs.
    Types,
    Other,
}

/// The walk, and what it knows of the place it is at.
pub(crate) struct Code<'a> {
    pub(crate) args: &'a Args,
    pub(crate) errors: &'a mut Errors,
    /// True if anything was rewritten.
    pub(crate) changed: bool,
    pub(crate) region: Region,
    pub(crate) scope: Scope,
    /// The lease's transaction, if it has one for sure.
    pub(crate) within: Within,
    /// The error type of the function's leases.
    pub(crate) error: proc_macro2::TokenStream,
    /// The type that a `return` returns, if it is known as a whole.
    pub(crate) returns: Option<proc_macro2::TokenStream>,
    /// True if a `return` is that of a closure, whose type is not known.
    pub(crate) in_closure: bool,
    /// True if the last await of a `return` is converted to the error type.
    pub(crate) converts: bool,
    /// True if this runs on a thread of its own, which may block.
    pub(crate) elsewhere: bool,
    /// True if this is an argument of a verb: a session's own verbs are each a lease.
    pub(crate) verb: bool,
    /// Probes of macro calls, to be put before the statement at hand.
    pub(crate) probes: Vec<TokenTree>,
    /// True if the statement at hand has declared names that a probe before it would not know.
    pub(crate) declares: bool,
    /// True if this is refused already: its awaits are not checked, so that one mistake is one error.
    pub(crate) refused: bool,
    /// True if the next macro call gives a place that is written to or borrowed from.
    pub(crate) placed: bool,
}

/// The operand that the walk stands behind.
#[derive(Clone, Default)]
pub(crate) struct Operand {
    /// True if there is one.
    pub(crate) exists: bool,
    /// Its path, if it is one so far.
    path: Vec<String>,
    /// Its last name.
    name: String,
    /// True if it is a statement of sqlx.
    pub(crate) is_statement: bool,
    /// True if it is built from a `Command`.
    of_command: bool,
}

impl Operand {
    pub(crate) fn value() -> Self {
        Operand { exists: true, ..Operand::default() }
    }

    pub(crate) fn statement() -> Self {
        Operand { is_statement: true, ..Operand::value() }
    }

    pub(crate) fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

/// A call of a method: `.name::<..>(..)` from `at` to `end`.
pub(crate) struct MethodCall<'t> {
    pub(crate) name: &'t Ident,
    turbofish: &'t [TokenTree],
    pub(crate) group: &'t Group,
    pub(crate) arguments: Vec<TokenTree>,
    pub(crate) awaited: bool,
}

impl Code<'_> {
    pub(crate) fn in_lease(&self) -> bool {
        self.region == Region::Lease
    }

    /// Walks over tokens and returns the operand that they end in.
    pub(crate) fn sequence(
        &mut self,
        tokens: &[TokenTree],
        end: End,
        out: &mut Vec<TokenTree>,
    ) -> Operand {
        let outer = (self.scope.clone(), self.declares, self.in_closure);
        let branches = end == End::Body && tokens::is_branching(tokens);
        let mut operand = Operand::default();
        let mut returns = false;
        // Conditions and scrutinees whose block is still to come.
        let mut conditions = 0_usize;
        let mut matches = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(word) if is_word(tokens.get(at), "return") => {
                    let block = ident(tokens.get(at + 1)).map(ToString::to_string);
                    returns = !block.is_some_and(|word| tokens::is_block_keyword(&word));
                    operand = Operand::default();
                    out.push(word.clone().into());
                    at += 1;
                }
                TokenTree::Ident(word) => {
                    conditions += usize::from(tokens::has_condition(word));
                    matches |= word == "let";
                    at = self.word(tokens, at, word, end, &mut operand, out);
                }
                TokenTree::Group(group)
                    if group.delimiter() == Delimiter::Brace
                        && operand.exists
                        && conditions == 0 =>
                {
                    // The fields of a struct.
                    let mut inner = Vec::new();
                    let within = if end == End::Pattern { end } else { End::Other };
                    self.sequence(&list(group.stream()), within, &mut inner);
                    out.push(regroup(group, Delimiter::Brace, inner.into_iter().collect()));
                    operand = Operand::value();
                    at += 1;
                }
                TokenTree::Punct(sign) => match sign.as_char() {
                    '.' if is_pair(tokens, at, ['.', '.']) => {
                        out.extend(tokens[at..at + 2].iter().cloned());
                        operand = Operand::default();
                        at += 2;
                    }
                    '.' if is_word(tokens.get(at + 1), "await") => {
                        let last = tokens.get(at + 2).is_none_or(|next| {
                            returns && (is_punct(Some(next), ',') || is_punct(Some(next), ';'))
                        });
                        let ends = last && (end == End::Body || returns && self.converts);
                        self.awaited(&tokens[at..at + 2], ends, out);
                        operand = Operand::value();
                        at += 2;
                    }
                    '.' if ident(tokens.get(at + 1)).is_some() => {
                        at = self.member(tokens, at, &mut operand, out);
                    }
                    ':' if is_pair(tokens, at, [':', ':']) && !operand.exists => {
                        at = self.path(tokens, at, end, &mut operand, out);
                    }
                    '#' => at = self.attribute(tokens, at, out),
                    '|' if !operand.exists => {
                        at = self.closure_parameters(tokens, at, out);
                    }
                    '\'' => {
                        out.extend(tokens[at..tokens.len().min(at + 2)].iter().cloned());
                        at += 2;
                    }
                    '?' => {
                        out.push(token.clone());
                        operand = Operand { of_command: operand.of_command, ..Operand::value() };
                        at += 1;
                    }
                    sign => {
                        out.push(token.clone());
                        // In a chain, names that a pattern has declared come before the next condition.
                        self.declares |= matches && is_pair(tokens, at, ['&', '&']);
                        self.placed &= sign != ',';
                        returns &= !matches!(sign, ',' | ';');
                        // A tuple's field goes on with a literal.
                        operand.exists &= sign == '.';
                        operand = Operand { exists: operand.exists, ..Operand::default() };
                        at += 1;
                    }
                },
                TokenTree::Literal(_) => {
                    out.push(token.clone());
                    operand = Operand::value();
                    at += 1;
                }
                TokenTree::Group(group) => {
                    if group.delimiter() == Delimiter::Brace && operand.exists {
                        conditions -= 1;
                    }
                    let branch =
                        branches && (at + 1 == tokens.len() || is_word(tokens.get(at + 1), "else"));
                    let whole = tokens.len() == 1;
                    let inner = match end {
                        End::Body if branch || whole => End::Body,
                        End::Pattern => End::Pattern,
                        _ => End::Other,
                    };
                    at = self.group(tokens, at, group, inner, &mut operand, out);
                }
            }
        }
        (self.scope, self.declares, self.in_closure) = outer;
        operand
    }

    fn word(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        ident: &Ident,
        end: End,
        operand: &mut Operand,
        out: &mut Vec<TokenTree>,
    ) -> usize {
        let word = ident.to_string();
        if let Some(behind) = raw_item(tokens, at, &word) {
            *operand = Operand::default();
            out.extend(tokens[at..behind].iter().cloned());
            return behind;
        }
        match word.as_str() {
            "async" => return self.asynchronous(tokens, at, end, operand, out),
            "let" => {
                *operand = Operand::default();
                let equals = tokens::equals(tokens, at + 1);
                out.push(ident.clone().into());
                self.pattern(&tokens[at + 1..equals], out);
                self.placed = true;
                return equals;
            }
            "for" if !is_punct(tokens.get(at + 1), '<') => {
                *operand = Operand::default();
                let len = tokens[at..].iter().position(|token| is_word(Some(token), "in"));
                let behind = len.map_or(tokens.len(), |len| at + len);
                out.push(ident.clone().into());
                self.pattern(&tokens[at + 1..behind], out);
                return behind;
            }
            "as" => {
                out.push(ident.clone().into());
                *operand = Operand::default();
                return at + 1;
            }
            "const" if group(tokens.get(at + 1), Delimiter::Brace).is_some() => {
                // Constants await nothing, and cannot call a closure.
                out.extend(tokens[at..at + 2].iter().cloned());
                *operand = Operand::value();
                return at + 2;
            }
            word if is_keyword(word) => {
                self.placed |= word == "match";
                out.push(ident.clone().into());
                *operand = Operand::default();
                return at + 1;
            }
            _ => {}
        }
        self.path(tokens, at, end, operand, out)
    }

    /// Walks over a path, or over the call of the macro that it names.
    fn path(
        &mut self,
        tokens: &[TokenTree],
        from: usize,
        end: End,
        operand: &mut Operand,
        out: &mut Vec<TokenTree>,
    ) -> usize {
        let mut segments = Vec::new();
        let mut at = from;
        let mut written = Vec::new();
        loop {
            if is_pair(tokens, at, [':', ':']) {
                written.extend(tokens[at..at + 2].iter().cloned());
                at += 2;
                if is_punct(tokens.get(at), '<')
                    && let Some(behind) = behind_generics(tokens, at)
                {
                    self.sequence(&tokens[at..behind], End::Types, &mut written);
                    at = behind;
                    continue;
                }
            }
            let Some(segment) = ident(tokens.get(at)) else { break };
            segments.push(segment.to_string());
            written.push(segment.clone().into());
            at += 1;
            if !is_pair(tokens, at, [':', ':']) {
                break;
            }
        }
        let is_macro = is_punct(tokens.get(at), '!');
        if let Some(TokenTree::Group(body)) = tokens.get(at + 1).filter(|_| is_macro) {
            let call = MacroCall {
                path: written,
                name: segments.last().cloned().unwrap_or_default(),
                of: segments.len().checked_sub(2).and_then(|of| segments.get(of)).cloned(),
                segments: segments.len(),
                bang: tokens[at].clone(),
                body,
            };
            *operand = self.macro_value(&call, tokens.get(at + 2..).unwrap_or_default(), end, out);
            return at + 2;
        }
        if is_macro && is_word(tokens.get(from), "macro_rules") && at + 2 < tokens.len() {
            // A definition runs nothing.
            out.extend(tokens[from..at + 3].iter().cloned());
            *operand = Operand::default();
            return at + 3;
        }
        out.append(&mut written);
        self.placed = false;
        let name = segments.last().cloned().unwrap_or_default();
        let is_statement = segments.len() == 1 && self.scope.is_statement(&name);
        *operand = Operand { exists: true, path: segments, name, is_statement, of_command: false };
        at
    }

    /// Walks over `.name` or `.name(..)`.
    fn member(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        operand: &mut Operand,
        out: &mut Vec<TokenTree>,
    ) -> usize {
        let Some(name) = ident(tokens.get(at + 1)) else { return at + 1 };
        let mut behind = at + 2;
        if is_pair(tokens, behind, [':', ':']) && is_punct(tokens.get(behind + 2), '<') {
            behind = behind_generics(tokens, behind + 2).unwrap_or(behind);
        }
        let Some(group) = group(tokens.get(behind), Delimiter::Parenthesis) else {
            out.extend(tokens[at..at + 2].iter().cloned());
            *operand = Operand { name: name.to_string(), ..Operand::value() };
            return at + 2;
        };
        let call = MethodCall {
            name,
            turbofish: &tokens[at + 2..behind],
            group,
            arguments: list(group.stream()),
            awaited: is_awaited(tokens, behind),
        };
        let dot = &tokens[at];
        if let Some(lease) = self.lease_of(&call, call.turbofish) {
            let behind = behind + 1;
            let awaits = &tokens[behind..tokens.len().min(behind + 2)];
            let inlined = self.lease(lease, &call, dot, awaits, out);
            *operand = Operand::value();
            return if inlined { behind + 2 } else { behind };
        }
        *operand = self.method(&call, dot, operand, out);
        behind + 1
    }

    fn method(
        &mut self,
        call: &MethodCall<'_>,
        dot: &TokenTree,
        on: &Operand,
        out: &mut Vec<TokenTree>,
    ) -> Operand {
        let name = call.name.to_string();
        let arguments = arguments(&call.arguments);
        if raw_access::is_method(&name, arguments.len(), &on.name) && !self.args.allows("SL006") {
            let error = self.errors.in_place(call.name.span(), &raw_access::call(&name), self.args);
            // Without the operand, of whose type rustc may have more to say.
            if let Some(start) = tokens::operand_start(out) {
                out.truncate(start);
                out.extend(error);
                return Operand::value();
            }
            self.errors.at(call.name.span(), raw_access::call(&name));
        }
        if self.region != Region::Handler {
            let of_command = on.of_command;
            if blocking::is_method(&name, arguments.is_empty(), call.awaited, of_command) {
                self.refuse_blocking(call.name.span(), &name);
            }
            if name == "unchecked" {
                self.refuse_empty_reason(arguments.first());
            }
        }
        let verb = self.verb_of(&name, on, &arguments, call.turbofish);
        out.push(dot.clone());
        out.push(match &verb {
            Some(verb) => Ident::new(verb, call.name.span()).into(),
            None => call.name.clone().into(),
        });
        self.sequence(call.turbofish, End::Types, out);
        let outer = (self.verb, self.elsewhere);
        self.verb |= is_verb(&name);
        self.elsewhere |= blocking::gives_away(&name);
        let end = if blocking::spawns(&name) { End::Spawned } else { End::Other };
        let mut inner = Vec::new();
        self.sequence(&call.arguments, end, &mut inner);
        (self.verb, self.elsewhere) = outer;
        out.push(regroup(call.group, Delimiter::Parenthesis, inner.into_iter().collect()));
        let built = matches!(name.as_str(), "build_query_as" | "build_query_scalar");
        Operand {
            name,
            is_statement: verb.is_none() && (built || on.is_statement),
            of_command: on.of_command,
            ..Operand::value()
        }
    }

    fn group(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        group: &Group,
        end: End,
        operand: &mut Operand,
        out: &mut Vec<TokenTree>,
    ) -> usize {
        let content = list(group.stream());
        let delimiter = group.delimiter();
        match delimiter {
            Delimiter::Brace => {
                let written = self.braces(content, end);
                out.push(regroup(group, delimiter, written.into_iter().collect()));
                *operand = Operand::value();
            }
            Delimiter::Bracket => {
                let length = (0..content.len()).find(|at| is_punct(content.get(*at), ';'));
                let (values, length) = content.split_at(length.unwrap_or(content.len()));
                let mut inner = Vec::new();
                self.sequence(values, End::Other, &mut inner);
                // A length is a constant: it awaits nothing, and cannot call a closure.
                inner.extend(length.iter().cloned());
                out.push(regroup(group, delimiter, inner.into_iter().collect()));
                *operand = Operand::value();
            }
            Delimiter::Parenthesis if operand.exists => {
                *operand = self.call(tokens, at, end, operand, out);
            }
            Delimiter::Parenthesis | Delimiter::None
                if is_awaited(tokens, at) && is_lease_only(&content) =>
            {
                // `(session.lease(..)).await`: the await goes where the lease is.
                let mut content = content;
                content.extend(tokens[at + 1..at + 3].iter().cloned());
                let mut inner = Vec::new();
                self.sequence(&content, End::Other, &mut inner);
                out.push(regroup(group, Delimiter::Parenthesis, inner.into_iter().collect()));
                *operand = Operand::value();
                return at + 3;
            }
            Delimiter::Parenthesis => {
                let mut inner = Vec::new();
                self.placed |= is_placed(tokens.get(at + 1..).unwrap_or_default(), out);
                *operand = self.sequence(&content, end, &mut inner);
                operand.exists = true;
                out.push(regroup(group, delimiter, inner.into_iter().collect()));
            }
            Delimiter::None => {
                self.placed |= is_placed(tokens.get(at + 1..).unwrap_or_default(), out);
                let mut inner = Vec::new();
                *operand = self.fragment(&content, end, &mut inner);
                operand.exists = true;
                // rustc forgets how a fragment binds once it has gone through an attribute.
                let delimiter = match tokens::is_loose(&content) {
                    true => Delimiter::Parenthesis,
                    false => Delimiter::None,
                };
                out.push(regroup(group, delimiter, inner.into_iter().collect()));
            }
        }
        at + 1
    }

    /// Walks over the call of a function.
    fn call(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        end: End,
        function: &Operand,
        out: &mut Vec<TokenTree>,
    ) -> Operand {
        let Some(TokenTree::Group(group)) = tokens.get(at) else { return Operand::default() };
        let content = &list(group.stream())[..];
        let path = function.path();
        let awaited = is_awaited(tokens, at);
        if let Some(last) = path.last()
            && raw_access::is_function(&path)
            && !self.args.allows("SL006")
        {
            self.errors.at(crate::tokens::last_span(out), raw_access::call(last));
        }
        if self.region != Region::Handler {
            if blocking::is_function(&path, awaited) {
                self.refuse_blocking_path(&path, out);
            }
            if path.last() == Some(&"unchecked") {
                self.refuse_empty_reason(arguments(content).get(1));
            }
        }
        let sends = sql::is_function(&path);
        if sends && (self.region != Region::Handler || self.verb) {
            self.refuse_sql(arguments(content).first().copied().unwrap_or_default());
        }
        let outer = self.elsewhere;
        self.elsewhere |= blocking::runs_elsewhere(&path);
        let end = match path.last() {
            _ if end == End::Pattern => end,
            Some(last) if blocking::spawns(last) => End::Spawned,
            _ => End::Other,
        };
        let mut inner = Vec::new();
        self.sequence(content, end, &mut inner);
        self.elsewhere = outer;
        out.push(regroup(group, Delimiter::Parenthesis, inner.into_iter().collect()));
        let is_command = matches!(path.as_slice(), [.., "Command", _]);
        let is_query = sends && !path.contains(&"QueryBuilder");
        Operand {
            is_statement: is_query,
            of_command: is_command,
            name: function.name.clone(),
            ..Operand::value()
        }
    }

    /// Walks over the parameters of a closure that is not async.
    fn closure_parameters(
        &mut self,
        tokens: &[TokenTree],
        at: usize,
        out: &mut Vec<TokenTree>,
    ) -> usize {
        let close = (at + 1..tokens.len()).find(|at| is_punct(tokens.get(*at), '|'));
        let Some(close) = close else {
            out.push(tokens[at].clone());
            return at + 1;
        };
        out.push(tokens[at].clone());
        self.pattern(&tokens[at + 1..close], out);
        tokens::each_ident(&tokens[at + 1..close], &mut |name| {
            self.scope.forget(&name.to_string())
        });
        out.push(tokens[close].clone());
        (self.declares, self.in_closure) = (true, true);
        close + 1
    }

    /// Walks over a pattern, whose names are no statements from here on.
    pub(crate) fn pattern(&mut self, tokens: &[TokenTree], out: &mut Vec<TokenTree>) {
        self.sequence(tokens, End::Pattern, out);
        tokens::each_ident(tokens, &mut |name| self.scope.forget_statement(&name.to_string()));
    }

    pub(crate) fn refuse_sql(&mut self, arguments: &[TokenTree]) -> bool {
        let mut has_text = false;
        for token in arguments {
            match token {
                TokenTree::Group(group) => {
                    has_text |= self.refuse_sql(&list(group.stream()));
                }
                TokenTree::Literal(literal) => {
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
        if !self.elsewhere && !self.args.allows("SL004") {
            self.errors.at(span, blocking::message(name));
        }
    }

    fn refuse_blocking_path(&mut self, path: &[&str], out: &[TokenTree]) {
        if !self.elsewhere && !self.args.allows("SL004") {
            let start = tokens::operand_start(out).unwrap_or(out.len());
            let function: proc_macro2::TokenStream = out[start..].iter().cloned().collect();
            self.errors.on(function, blocking::message(&path.join("::")));
        }
    }

    fn refuse_empty_reason(&mut self, reason: Option<&&[TokenTree]>) {
        let Some([TokenTree::Literal(literal)]) = reason else { return };
        let text = syn::parse_str::<LitStr>(&literal.to_string());
        if text.is_ok_and(|text| text.value().trim().is_empty()) {
            self.errors.at(literal.span(), raw_access::NO_REASON);
        }
    }
}

/// Tells whether the token at `at` is awaited.
fn is_awaited(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at + 1), '.') && is_word(tokens.get(at + 2), "await")
}

/// Tells whether what stands between these tokens is written to, or borrowed from.
pub(crate) fn is_placed(behind: &[TokenTree], before: &[TokenTree]) -> bool {
    let member = is_lone(behind, 0, '.') && !is_word(behind.get(1), "await");
    let indexed = group(behind.first(), Delimiter::Bracket).is_some();
    member || indexed || tokens::is_assignment(behind) || is_word(before.last(), "mut")
}

/// Returns the index behind an item whose code does not run here: a function, a constant, a type, a module.
fn raw_item(tokens: &[TokenTree], at: usize, word: &str) -> Option<usize> {
    let to_braces = || {
        tokens[at..].iter().position(|token| {
            is_punct(Some(token), ';') || group(Some(token), Delimiter::Brace).is_some()
        })
    };
    let to_semicolon = || tokens[at..].iter().position(|token| is_punct(Some(token), ';'));
    let named = |name: usize| ident(tokens.get(name)).is_some() && is_lone(tokens, name + 1, ':');
    let pointer = at.checked_sub(1).is_some_and(|before| is_punct(tokens.get(before), '*'));
    let len = match word {
        "fn" if ident(tokens.get(at + 1)).is_some() => to_braces(),
        "struct" | "enum" | "impl" | "trait" | "mod" => to_braces(),
        "use" | "type" => to_semicolon(),
        "const" if named(at + 1) && !pointer => to_semicolon(),
        "static" if named(at + 1) || is_word(tokens.get(at + 1), "mut") && named(at + 2) => {
            to_semicolon()
        }
        _ => return None,
    };
    Some(len.map_or(tokens.len(), |len| at + len + 1))
}
