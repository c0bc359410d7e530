//! The walk over the code of a function.
//!
//! Everything is looked at, token by token, in its order. Outside of leases only the leases change; in a lease,
//! every await is checked. What comes out is what went in, with something inserted behind operands, or renamed.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use self::sequence::{Callee, End, Operand, Walk};
use crate::args::Args;
use crate::error::Errors;
use crate::rules::transaction_state::Within;
use crate::syntax::fragments::{bound, constant};
use crate::syntax::lease_call::is_lease_only;
use crate::syntax::macro_call::{MacroCall, Used};
use crate::syntax::scope::{Meaning, Scope};
use crate::syntax::statements::{
    begins_item, behind_arm, behind_attributes, has_fields, is_expression,
};
use crate::syntax::{
    self, behind_path, is_awaited, is_block_keyword, is_keyword, is_placed, is_written,
};
use crate::tokens::{self, Group, Token, group, is_pair, is_punct, is_word, word};

pub(crate) mod awaits;
mod blocks;
mod calls;
mod item_attributes;
pub(crate) mod lease;
mod macro_calls;
pub(crate) mod sequence;

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

/// The function whose code this is, or the body of a lease, which returns for itself.
pub(crate) struct Frame {
    pub(crate) region: Region,
    pub(crate) scope: Scope,
    /// The type of the connection, if it may be a leased one or another.
    pub(crate) either: Option<Ident>,
    /// The transaction that the code runs in, as far as that is known.
    pub(crate) within: Within,
    /// The error type of the function's leases, or of the lease that this is; `None` if rustc is to find it.
    pub(crate) error: Option<TokenStream>,
    /// That type, if it is one of another crate that no lease can end in.
    pub(crate) foreign: Option<String>,
    /// The type that a `return` returns, if it is known as a whole.
    pub(crate) returns: Option<TokenStream>,
    /// True if a `return` is that of a closure, whose type is not known.
    pub(crate) in_closure: bool,
    /// The method that converts the last await of a body or of a `return` to the error type, as `?` would.
    pub(crate) ended: Option<&'static str>,
}

/// The code of a function, and what is known of the place that the walk is at.
pub(crate) struct Code<'a> {
    pub(crate) args: &'a Args,
    pub(crate) errors: &'a mut Errors,
    /// How often anything was rewritten so far.
    pub(crate) edits: usize,
    pub(crate) frame: Frame,
    /// True if this runs on a thread of its own, which may block.
    pub(crate) elsewhere: bool,
    /// True if this is an argument of a verb: a session's own verbs are each a lease.
    pub(crate) verb: bool,
    /// Code that compiles only if the words that the walk took for keywords are some.
    pub(crate) keywords: TokenStream,
    /// Probes of macro calls, to be put before the statement at hand.
    pub(crate) probes: Vec<TokenStream>,
    /// True if the statement at hand has declared names that a probe before it would not know.
    pub(crate) declares: bool,
    /// True if this is refused already: its awaits are not checked, so that one mistake is one error.
    pub(crate) refused: bool,
    /// The mistake of a lease that is an argument of a macro which runs several futures at once.
    pub(crate) joined_in: Option<String>,
    /// True if the next macro call gives a place that is written to or borrowed from.
    pub(crate) placed: bool,
    /// The error type that the `let` at hand says.
    pub(crate) typed: Option<TokenStream>,
}

impl<'a> Code<'a> {
    pub(crate) fn new(args: &'a Args, errors: &'a mut Errors, frame: Frame) -> Self {
        Code {
            args,
            errors,
            edits: 0,
            frame,
            elsewhere: false,
            verb: false,
            keywords: TokenStream::new(),
            probes: Vec::new(),
            declares: false,
            refused: false,
            joined_in: None,
            placed: false,
            typed: None,
        }
    }
}

impl Code<'_> {
    pub(crate) fn in_lease(&self) -> bool {
        self.frame.region == Region::Lease
    }

    /// Walks over tokens and returns the operand that they end in.
    pub(crate) fn sequence<'t>(
        &mut self,
        tokens: &'t [Token],
        end: End,
        out: &mut Vec<TokenTree>,
    ) -> Operand<'t> {
        let outer = (self.frame.scope.clone(), self.declares, self.frame.in_closure);
        let mut walk = Walk::new(tokens, end, out);
        while let Some(token) = tokens.get(walk.at) {
            match token {
                Token::Word(_, word) => self.word(&mut walk, word),
                Token::Sign(sign) => self.sign(&mut walk, sign.as_char()),
                Token::Literal(_) => {
                    walk.operand = Operand::value(walk.start());
                    walk.pass(1);
                }
                Token::Group(group) => self.group(&mut walk, group),
            }
        }
        self.unawaited(&mut walk);
        (self.frame.scope, self.declares, self.frame.in_closure) = outer;
        walk.operand
    }

    /// Walks over what a group holds. The group comes out as it came if nothing in it was rewritten.
    pub(crate) fn within(
        &mut self,
        group: &Group,
        walk: impl FnOnce(&mut Self, &mut Vec<TokenTree>),
    ) -> TokenTree {
        let edits = self.edits;
        let mut inner = Vec::new();
        walk(self, &mut inner);
        match self.edits == edits {
            true => group.tree(),
            false => group.with(inner.into_iter().collect()),
        }
    }

    fn word<'t>(&mut self, walk: &mut Walk<'t, '_>, text: &str) {
        let (tokens, at) = (walk.tokens, walk.at);
        // `for<'a>` is that of a type.
        let of_type = syntax::is_binder(tokens, at);
        walk.conditions += usize::from(syntax::has_condition(text) && !of_type);
        // `&raw const { .. }.field` borrows from a block that runs.
        let is_raw = at.checked_sub(1).is_some_and(|before| is_word(tokens.get(before), "raw"));
        if syntax::begins(text) {
            self.miss(walk);
        }
        match text {
            // Editions before 2018 had macros of these names.
            "async" | "dyn" if is_punct(tokens.get(at + 1), '!') => self.path(walk),
            "return" => {
                walk.returns = !word(tokens.get(at + 1)).is_some_and(is_block_keyword);
                walk.break_off(1);
            }
            "async" => self.asynchronous(walk),
            "let" => {
                walk.matches = true;
                self.declaration(walk, syntax::equals(tokens, at + 1));
                self.placed = true;
            }
            "for" if !of_type => {
                let len = tokens[at..].iter().position(|token| is_word(Some(token), "in"));
                self.declaration(walk, len.map_or(tokens.len(), |len| at + len));
            }
            "const" if group(tokens.get(at + 1), Delimiter::Brace).is_some() && !is_raw => {
                // Constants await nothing, and cannot call a closure.
                walk.pass(2);
                walk.operand = Operand::value(None);
            }
            "as" => {
                let start = walk.operand.start;
                walk.break_off(1);
                let behind = syntax::behind_type(tokens, walk.at);
                self.sequence(&tokens[walk.at..behind], End::Pattern, walk.out);
                walk.at = behind;
                walk.operand = Operand::value(start);
            }
            "dyn" => {
                self.keyword(walk, text);
                walk.operand = Operand::default();
            }
            word if is_keyword(word) => {
                self.placed |= word == "match";
                walk.break_off(1);
            }
            _ => self.path(walk),
        }
    }

    /// Passes `async` or `dyn`. To editions before 2018 they are names, and so is one that has come through a macro of
    /// such a crate. In a lease, code is added that does not compile with one of those: rustc reads what the walk reads.
    pub(crate) fn keyword(&mut self, walk: &mut Walk<'_, '_>, text: &str) {
        let word = &walk.tokens[walk.at];
        if self.in_lease() {
            let hidden = Span::mixed_site().located_at(word.span());
            self.keywords.extend(match text {
                "async" => quote_spanned!(hidden=> { #word fn checked() {} }),
                // As a name it begins a path, and in a module of its own that leads nowhere.
                _ => quote_spanned! {hidden=>
                    { mod checked { fn checked(_: &#word ::core::marker::Send) {} } }
                },
            });
        }
        walk.pass(1);
    }

    /// Notes that the statement at hand may have begun earlier than rustc's: no operand comes directly behind another one.
    /// A probe before it could mean another macro by the same name, or be left out with what it stands before.
    fn miss(&mut self, walk: &Walk<'_, '_>) {
        self.declares |= walk.operand.exists;
    }

    /// Walks over a keyword and the pattern from there to `behind`.
    fn declaration(&mut self, walk: &mut Walk<'_, '_>, behind: usize) {
        walk.break_off(1);
        self.pattern(&walk.tokens[walk.at..behind], walk.out);
        walk.at = behind;
    }

    fn sign(&mut self, walk: &mut Walk<'_, '_>, sign: char) {
        let (tokens, at) = (walk.tokens, walk.at);
        match sign {
            '.' if is_pair(tokens, at, ['.', '.']) => walk.break_off(2),
            '.' if is_word(tokens.get(at + 1), "await") => {
                let start = walk.start();
                let callee = walk.operand.callee;
                self.awaited(&tokens[at..at + 2], callee, walk.out);
                walk.operand = Operand { is_answer: true, ..Operand::value(start) };
                walk.at += 2;
                self.ended(walk, tokens[at + 1].span());
            }
            '.' if word(tokens.get(at + 1)).is_some() => self.member(walk),
            '.' => {
                // A tuple's field goes on with a literal.
                let Operand { exists, start, .. } = walk.operand;
                walk.pass(1);
                walk.operand = Operand { exists, start, ..Operand::default() };
            }
            ':' if is_pair(tokens, at, [':', ':']) => self.path(walk),
            '<' if !walk.operand.exists && behind_path(tokens, at) > at => self.path(walk),
            '#' if self.leased_closure(walk) => {}
            '#' => {
                let on_item = begins_item(tokens, behind_attributes(tokens, at));
                walk.at = self.attribute(tokens, at, on_item, walk.out);
            }
            '|' if !walk.operand.exists => self.closure_parameters(walk),
            '\'' => walk.pass(2),
            '?' => {
                let Operand { start, of_command, .. } = walk.operand;
                walk.pass(1);
                walk.operand = Operand { of_command, ..Operand::value(start) };
            }
            sign => {
                // In a chain, names that a pattern has declared come before the next condition.
                self.declares |= walk.matches && is_pair(tokens, at, ['&', '&']);
                self.placed &= sign != ',';
                walk.returns &= !matches!(sign, ',' | ';');
                walk.break_off(1);
            }
        }
    }

    /// Walks over a path, or over the call of the macro that it names.
    fn path(&mut self, walk: &mut Walk<'_, '_>) {
        let (tokens, at, start) = (walk.tokens, walk.at, walk.start());
        if word(tokens.get(at)).is_some() {
            self.miss(walk);
        }
        if let Some(call) = MacroCall::read(&tokens[at..]) {
            let behind = at + call.len();
            let used = Used {
                alone: false,
                placed: is_placed(tokens, at, behind),
                written: is_written(tokens, at, behind),
                lent: at.checked_sub(1).is_some_and(|before| is_punct(tokens.get(before), '&')),
                verb: self.behind_verb(tokens, behind).map_or(&[], |end| &tokens[behind..end]),
            };
            let is_type = at.checked_sub(1).is_some_and(|before| is_word(tokens.get(before), "as"));
            let end = if is_type { End::Pattern } else { walk.end };
            let is_statement = self.macro_value(&call, used, end, walk.out);
            let callee = match self.callee(&[], &syntax::arguments(call.body.tokens())) {
                // Its verb is not seen.
                Callee::TakesConnection => Callee::Verb,
                callee => callee,
            };
            walk.operand = Operand { is_statement, callee, ..Operand::value(start) };
            walk.at = behind;
            return;
        }
        let behind = behind_path(tokens, at);
        if is_word(tokens.get(at), "macro_rules")
            && is_punct(tokens.get(behind), '!')
            && word(tokens.get(behind + 1)).is_some()
        {
            // A definition runs nothing. What comes behind it in the same statement may call it.
            self.declares = true;
            return walk.break_off(4);
        }
        let path = &tokens[at..behind];
        self.refuse_hidden(path);
        walk.pass(path.len());
        self.placed = false;
        let name = path.iter().rev().find_map(|token| word(Some(token))).unwrap_or_default();
        let root = if path.len() == 1 { name } else { "" };
        let is_statement = self.frame.scope.is(Meaning::Statement, root);
        walk.operand =
            Operand { exists: true, start, path, root, name, is_statement, ..Operand::default() };
    }

    /// Refuses an await or a macro call among generic arguments, which are not walked. Only what is taken for such has one.
    pub(crate) fn refuse_hidden(&mut self, generics: &[Token]) {
        fn hides(token: &Token) -> bool {
            match token {
                Token::Group(group) => group.tokens().iter().any(hides),
                token => is_word(Some(token), "await") || is_punct(Some(token), '!'),
            }
        }
        if !self.in_lease() || generics.len() < 3 {
            return;
        }
        if let Some(at) = generics.iter().position(hides) {
            // The name of a macro stands before the sign.
            let named = at - usize::from(at > 0 && is_punct(generics.get(at), '!'));
            self.errors.at(generics[named].span(), HIDDEN);
        }
    }

    fn group<'t>(&mut self, walk: &mut Walk<'t, '_>, group: &'t Group) {
        let (tokens, at, start) = (walk.tokens, walk.at, walk.start());
        let exists = walk.operand.exists;
        let end = self.end_of_group(walk);
        walk.at += 1;
        let (tree, operand) = match group.delimiter() {
            Delimiter::Brace
                if exists
                    && walk.conditions == 0
                    && (end == End::Pattern || has_fields(group.tokens())) =>
            {
                let end = if end == End::Pattern { end } else { End::Other };
                let fields = self.within(group, |code, inner| {
                    code.sequence(group.tokens(), end, inner);
                });
                (fields, Operand::value(start))
            }
            Delimiter::Brace => {
                walk.conditions = walk.conditions.saturating_sub(usize::from(exists));
                let block =
                    self.within(group, |code, inner| code.braces(group.tokens(), end, inner));
                (block, Operand::value(None))
            }
            Delimiter::Bracket => (self.brackets(group), Operand::value(start)),
            Delimiter::Parenthesis if exists => return self.call(walk, group, end),
            _ if is_awaited(tokens, at) && is_lease_only(group.tokens()) => {
                // `(session.lease(..)).await`: the await goes where the lease is.
                let behind = at + 3 + usize::from(is_punct(tokens.get(at + 3), '?'));
                let end = if walk.ends(behind) { End::Body } else { End::Other };
                let content = [group.tokens(), &tokens[at + 1..behind]].concat();
                let mut inner = Vec::new();
                self.sequence(&content, end, &mut inner);
                walk.at = behind;
                let inner = inner.into_iter().collect();
                (tokens::parentheses(group.span(), inner), Operand::value(start))
            }
            _ => {
                self.placed |= is_placed(tokens, at, at + 1);
                let alone = end == End::Pattern && tokens.len() == 1;
                let (tree, operand) = self.parenthesised(group, end, alone || exists);
                self.declares |= group.delimiter() == Delimiter::None
                    && group.tokens().iter().any(|token| is_word(Some(token), "macro_rules"));
                (tree, Operand { exists: true, start, ..operand })
            }
        };
        walk.out.push(tree);
        walk.operand = operand;
    }

    fn end_of_group(&self, walk: &Walk<'_, '_>) -> End {
        let (tokens, at, end) = (walk.tokens, walk.at, walk.end_of_operand());
        let last = at + 1 == tokens.len();
        let ends = || {
            tokens.len() == 1
                || (last || is_word(tokens.get(at + 1), "else")) && syntax::is_branching(tokens)
        };
        match end {
            End::Body if ends() => End::Body,
            End::Pattern | End::Spawned => end,
            _ => End::Other,
        }
    }

    /// Walks over an array or an index.
    fn brackets(&mut self, group: &Group) -> TokenTree {
        let content = group.tokens();
        let semicolon = content.iter().position(|token| is_punct(Some(token), ';'));
        let (values, length) = content.split_at(semicolon.unwrap_or(content.len()));
        self.within(group, |code, inner| {
            code.sequence(values, End::Other, inner);
            constant(length, inner);
        })
    }

    /// Walks over parentheses, or over a fragment of a macro: an expression, statements, an item, a pattern or a type.
    ///
    /// One that stands `alone` gets no parentheses of its own.
    fn parenthesised<'t>(
        &mut self,
        group: &'t Group,
        end: End,
        alone: bool,
    ) -> (TokenTree, Operand<'t>) {
        let content = group.tokens();
        let mut operand = Operand::default();
        let fragment = group.delimiter() == Delimiter::None;
        let tree = self.within(group, |code, inner| {
            if fragment && is_word(content.first(), "let") {
                code.probed(content, End::Other, inner);
            } else {
                operand = code.sequence(content, end, inner);
            }
        });
        let binds = match end {
            End::Pattern => !alone && syntax::is_loose(content) && !is_negative(content),
            // Behind an operand it would become the arguments of a call.
            _ => !alone && is_expression(content),
        };
        match tree {
            TokenTree::Group(tree) if fragment && binds => (bound(group, tree.stream()), operand),
            tree => (tree, operand),
        }
    }

    /// Walks over the parameters of a closure that is not async, and over its code if it is a whole argument.
    fn closure_parameters(&mut self, walk: &mut Walk<'_, '_>) {
        let tokens = walk.tokens;
        let before = walk.at.checked_sub(1).and_then(|before| tokens.get(before));
        let begins = walk.at - usize::from(is_word(before, "move"));
        let behind = syntax::behind_parameters(tokens, walk.at);
        walk.pass(1);
        let Some(behind) = behind else { return };
        let parameters = &tokens[walk.at..behind - 1];
        self.pattern(parameters, walk.out);
        syntax::each_word(parameters, &mut |name| self.frame.scope.forget(name));
        walk.at = behind - 1;
        walk.pass(1);
        if is_pair(tokens, walk.at, ['-', '>']) {
            // The block behind the type is none of a struct's.
            let braces = |at: &usize| group(tokens.get(*at), Delimiter::Brace).is_some();
            let block = (walk.at..tokens.len()).find(braces).unwrap_or(tokens.len());
            self.pattern(&tokens[walk.at..block], walk.out);
            walk.at = block;
        }
        let outer = (self.declares, self.frame.in_closure);
        (self.declares, self.frame.in_closure) = (true, true);
        let bounds = |token: Option<&Token>| token.is_none() || is_punct(token, ',');
        let end = behind_arm(tokens, walk.at);
        if self.in_lease()
            && walk.end == End::Other
            && bounds(begins.checked_sub(1).and_then(|before| tokens.get(before)))
            && bounds(tokens.get(end))
        {
            self.arm(&tokens[walk.at..end], End::Other, walk.out);
            walk.at = end;
            walk.operand = Operand::value(None);
            (self.declares, self.frame.in_closure) = outer;
        }
    }

    /// Walks over a pattern, whose names are no statements from here on.
    pub(crate) fn pattern(&mut self, tokens: &[Token], out: &mut Vec<TokenTree>) {
        self.sequence(tokens, End::Pattern, out);
        syntax::each_word(tokens, &mut |name| self.frame.scope.forget_all_but_connection(name));
    }
}

/// Tells whether a fragment is a literal below zero. The end of a range in a pattern has no parentheses.
fn is_negative(fragment: &[Token]) -> bool {
    matches!(fragment, [minus, Token::Literal(_)] if is_punct(Some(minus), '-'))
}

const HIDDEN: &str = "SL003: an await or a macro is not allowed between `<` and `>` inside a lease\nhelp: write out what the macro stands for\nhelp: if this compares, put it in parentheses, or bind its sides with `let`";
