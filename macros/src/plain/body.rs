//! The code of a lease.

use super::pm::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use super::words::{Word, is_notable, word};
use super::write::{Body, Lease, call, ident, punct};
use super::{is, is_group, is_punct, regroup};
use crate::model::{Lending, are_one};

/// `async |conn| BODY`
pub(super) fn lease(
    receiver: Vec<TokenTree>,
    (lending, method): (Lending, Ident),
    arguments: TokenStream,
) -> Option<Lease> {
    let mut tokens = arguments.into_iter();
    let word = tokens.next()?;
    match &word {
        TokenTree::Ident(ident) if is(ident, "async") => {}
        _ => return None,
    }
    let open = tokens.next();
    let binding = tokens.next()?;
    let close = tokens.next();
    if !is_punct(open.as_ref(), '|') || !is_punct(close.as_ref(), '|') {
        return None;
    }
    let TokenTree::Ident(name) = &binding else { return None };
    let name = name.to_string();
    if !is_variable(&name) {
        return None;
    }
    let rest: Vec<TokenTree> = tokens.collect();
    // What it returns.
    if is_punct(rest.first(), '-') {
        return None;
    }
    let (code, inside, braces) = match rest.as_slice() {
        [TokenTree::Group(block)] if block.delimiter() == Delimiter::Brace => {
            (block.stream().into_iter().collect(), Inside::Block, Some(block.span()))
        }
        _ => (rest, Inside::Body, None),
    };
    let mut walk = Walk::new(&name, inside, code.len());
    let query = query(&code, (&name, binding.span()), lending);
    let mut code = code.into_iter();
    if let Some(length) = query {
        walk.along(code.by_ref().take(length))?;
        if let Some(query) = walk.simple_operand() {
            let verb = code.nth(1)?;
            return Some(Lease {
                receiver,
                lending,
                method,
                body: Body::Statement { verb, query },
            });
        }
    }
    walk.along(code)?;
    let code = walk.whole()?.ended()?;
    let body = Body::Block { word, binding, code, braces };
    Some(Lease { receiver, lending, method, body })
}

/// How long QUERY is in `QUERY.fetch_one(conn).await`.
fn query(code: &[TokenTree], name: (&str, Span), lending: Lending) -> Option<usize> {
    let [
        query @ ..,
        dot,
        TokenTree::Ident(verb),
        TokenTree::Group(conn),
        last,
        TokenTree::Ident(word),
    ] = code
    else {
        return None;
    };
    let verb = is_punct(Some(dot), '.') && self::word(&verb.to_string()) == Word::Verb;
    let awaited = is_punct(Some(last), '.') && is(word, "await");
    let sent = conn.delimiter() == Delimiter::Parenthesis && is_lent(conn, name, lending);
    (verb && awaited && sent && is_chain(query)).then_some(query.len())
}

/// Whether it is a place, or one call and what is bound to that.
fn is_chain(query: &[TokenTree]) -> bool {
    let (mut types, mut called) = (0_usize, None);
    for (at, token) in query.iter().enumerate() {
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' => types += 1,
                '>' => types = types.saturating_sub(1),
                '.' | ':' => {}
                _ if types > 0 => {}
                _ => return false,
            },
            TokenTree::Group(group) if types == 0 => {
                if group.delimiter() != Delimiter::Parenthesis || at == 0 {
                    return false;
                }
                called = Some(at + 1);
                break;
            }
            TokenTree::Literal(_) if at == 0 => return false,
            _ => {}
        }
    }
    query[called.unwrap_or(query.len())..].chunks(3).all(|link| match link {
        [dot, TokenTree::Ident(method), bound] => {
            is_punct(Some(dot), '.')
                && (is(method, "bind") || is(method, "persistent"))
                && is_group(Some(bound), Delimiter::Parenthesis)
        }
        _ => false,
    })
}

/// Whether it is the connection, as itself or lent on: `conn`, `&mut *conn`, `&mut **tx`.
fn is_lent(argument: &Group, (name, span): (&str, Span), lending: Lending) -> bool {
    let argument: Vec<TokenTree> = argument.stream().into_iter().collect();
    let is_it = |conn: &Ident| is(conn, name) && are_one(&conn.span(), &span);
    match argument.as_slice() {
        [TokenTree::Ident(conn)] => is_it(conn),
        [borrow, TokenTree::Ident(word), stars @ .., TokenTree::Ident(conn)] => {
            let most = if lending == Lending::Transaction { 2 } else { 1 };
            is_punct(Some(borrow), '&')
                && is(word, "mut")
                && (1..=most).contains(&stars.len())
                && stars.iter().all(|star| is_punct(Some(star), '*'))
                && is_it(conn)
        }
        _ => false,
    }
}

/// Whether a pattern that is one word declares a variable of that name, to be used.
fn is_variable(name: &str) -> bool {
    let other = matches!(name, "ref" | "true" | "false" | "self" | "Self" | "super" | "crate");
    word(name) == Word::Other && !other && !name.starts_with('_')
}

/// What the tokens at hand stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Block,
    /// A body without braces.
    Body,
    /// The parentheses of a call.
    Call,
    Other,
}

/// Whose pattern, and type, the tokens at hand are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pattern {
    Let,
    For,
    Closure,
}

/// `a.b(c)?`, in which all binds tighter than what is around it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Operand {
    /// Where it begins.
    start: usize,
    end: End,
}

/// What an operand, as far as it goes, ends in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// A verb's call.
    Verb,
    Await,
    Other,
}

/// A walk over expressions that are next to each other: statements, arguments, arms.
struct Walk<'a> {
    /// What the connection is called.
    name: &'a str,
    inside: Inside,
    out: Vec<TokenTree>,
    /// What the last name was.
    word: Word,
    changed: bool,
    operand: Option<Operand>,
    /// Where the statement at hand begins.
    statement: usize,
    /// Since the last semicolon there was a word with a block to come: braces are blocks, whatever they
    /// stand after.
    head: bool,
    pattern: Option<Pattern>,
    /// A block since the last semicolon has been rewritten.
    rewritten: bool,
    /// The last token is the connection.
    lent: bool,
    /// How deep the next token is in a turbofish.
    types: usize,
    /// Nothing in it uses the connection, can wait, or can leave the body.
    simple: bool,
    /// What a call gives there, a method may be called on.
    chained: bool,
    /// There is a call in it.
    calls: bool,
    /// There are operators that borrow.
    operators: bool,
}

impl<'a> Walk<'a> {
    fn over(
        tokens: impl Iterator<Item = TokenTree>,
        name: &'a str,
        inside: Inside,
    ) -> Option<Self> {
        let mut walk = Walk::new(name, inside, tokens.size_hint().0);
        walk.along(tokens)?;
        walk.whole()
    }

    fn new(name: &'a str, inside: Inside, tokens: usize) -> Self {
        Walk {
            name,
            inside,
            out: Vec::with_capacity(tokens),
            word: Word::Other,
            changed: false,
            operand: None,
            statement: 0,
            head: false,
            pattern: None,
            rewritten: false,
            lent: false,
            types: 0,
            simple: true,
            chained: false,
            calls: false,
            operators: false,
        }
    }

    /// On, over what comes next.
    fn along(&mut self, tokens: impl Iterator<Item = TokenTree>) -> Option<()> {
        for token in tokens {
            self.judge(&token);
            if self.types > 0 {
                self.types = self.of_types(&token)?;
                self.out.push(token);
                continue;
            }
            if self.lent && !matches!(&token, TokenTree::Punct(_)) {
                return None;
            }
            match token {
                TokenTree::Ident(ident) => self.ident(ident)?,
                TokenTree::Group(group) => self.group(group)?,
                TokenTree::Literal(literal) => {
                    if is_notable(&literal.to_string()) {
                        return None;
                    }
                    self.name_or_value(false)?;
                    self.out.push(TokenTree::Literal(literal));
                }
                TokenTree::Punct(punct) => {
                    let char = punct.as_char();
                    let path = self.operand.is_some() && is_punct(self.out.last(), ':');
                    if path && char == '<' && self.pattern.is_none() {
                        self.types = 1;
                    } else {
                        self.punct(char, punct.spacing() == Spacing::Joint)?;
                    }
                    self.out.push(TokenTree::Punct(punct));
                }
            }
        }
        Some(())
    }

    /// How far what comes next may as well be evaluated ahead of the lease, as arguments.
    fn judge(&mut self, token: &TokenTree) {
        let last = self.out.last();
        let after_group = matches!(last, Some(TokenTree::Group(_)));
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                '.' if after_group => self.chained = true,
                ',' | '.' | ':' | '+' | '-' | '/' => {}
                _ => self.operators = true,
            },
            TokenTree::Group(group) => {
                let named = matches!(last, Some(TokenTree::Ident(_))) || is_punct(last, '>');
                match group.delimiter() {
                    Delimiter::Parenthesis => self.calls |= after_group || named,
                    _ => self.chained |= after_group,
                }
            }
            _ => {}
        }
    }

    /// Where nothing is missing at its end.
    fn whole(self) -> Option<Self> {
        let lent = self.lent && self.inside != Inside::Call;
        (self.types == 0 && self.pattern.is_none() && !lent).then_some(self)
    }

    /// All of it so far, where that is one operand and simple.
    fn simple_operand(&mut self) -> Option<Vec<TokenTree>> {
        let operand = Some(Operand { start: 0, end: End::Other });
        (self.simple && self.types == 0 && self.operand == operand && self.statement == 0)
            .then(|| std::mem::take(&mut self.out))
    }

    /// Within a turbofish: how deep the next token is.
    fn of_types(&self, token: &TokenTree) -> Option<usize> {
        let depth = self.types;
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' => Some(depth + 1),
                '>' => Some(depth - 1),
                ',' | ':' | '&' => Some(depth),
                _ => None,
            },
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                (word(&name) == Word::Other && name != self.name).then_some(depth)
            }
            // A tuple.
            TokenTree::Group(group) => is_quiet(group, self.name).then_some(depth),
            TokenTree::Literal(_) => None,
        }
    }

    /// An operand begins, or goes on after a dot or in a path.
    fn name_or_value(&mut self, after_path: bool) -> Option<()> {
        let last = self.out.last();
        let follows = is_punct(last, '.') || (after_path && is_punct(last, ':'));
        if self.pattern.is_none() {
            if self.operand.is_some() && !follows {
                return None;
            }
            self.goes_on(End::Other);
        }
        Some(())
    }

    /// The operand goes on, or begins here.
    fn goes_on(&mut self, end: End) {
        let start = self.operand.map_or(self.out.len(), |operand| operand.start);
        self.operand = Some(Operand { start, end });
    }

    /// An operator, after which the next operand begins.
    fn operator(&mut self) {
        self.operand = None;
    }

    fn ident(&mut self, ident: Ident) -> Option<()> {
        let method = is_punct(self.out.last(), '.');
        let name = ident.to_string();
        self.word = word(&name);
        match self.word {
            Word::Await if method => return self.awaits(ident),
            Word::Item | Word::Notable | Word::Blocking | Word::Await => return None,
            Word::Lease | Word::Transaction | Word::Door | Word::BlockingMethod if method => {
                return None;
            }
            Word::Let if self.pattern.is_none() && self.operand.is_none() => {
                self.pattern = Some(Pattern::Let);
            }
            Word::For if self.pattern.is_none() && self.operand.is_none() => {
                self.pattern = Some(Pattern::For);
            }
            Word::In if self.pattern == Some(Pattern::For) => {
                self.pattern = None;
                self.operator();
                self.head = true;
            }
            Word::Let | Word::For | Word::In => return None,
            Word::Head if self.pattern.is_none() => {
                self.operator();
                self.head = true;
            }
            Word::Head => return None,
            Word::As => self.operator(),
            Word::Mut => {}
            _ => {
                let lent = name == self.name;
                if lent && (method || self.pattern.is_some() || is_punct(self.out.last(), ':')) {
                    return None;
                }
                self.name_or_value(true)?;
                self.lent = lent;
                self.simple &= !lent;
            }
        }
        self.out.push(TokenTree::Ident(ident));
        Some(())
    }

    fn punct(&mut self, char: char, joint: bool) -> Option<()> {
        self.simple &= !matches!(char, '?' | '|' | '!');
        if std::mem::take(&mut self.lent)
            && !(char == '.' || char == ',' && self.inside == Inside::Call)
        {
            return None;
        }
        if let Some(pattern) = self.pattern {
            let ends = match pattern {
                Pattern::Let => char == '=' && !is_punct(self.out.last(), '.'),
                Pattern::For => false,
                Pattern::Closure => char == '|',
            };
            if ends {
                self.pattern = None;
                self.operator();
                return Some(());
            }
            return matches!(char, '<' | '>' | ',' | ':' | '&').then_some(());
        }
        let after_path = is_punct(self.out.last(), ':');
        match char {
            '.' if self.operand.is_some() && !is_punct(self.out.last(), '.') => {}
            '?' if self.operand.is_some() => self.goes_on(End::Other),
            // `::`, or one that is followed by a value.
            ':' if joint && self.operand.is_none() => self.goes_on(End::Other),
            ':' if joint || after_path => {}
            ':' if self.operand.is_some() => self.operator(),
            ';' => {
                self.operator();
                self.head = false;
                self.rewritten = false;
                self.statement = self.out.len() + 1;
                if self.inside != Inside::Block {
                    return None;
                }
            }
            '|' if self.operand.is_none() && !is_punct(self.out.last(), '|') => {
                self.pattern = Some(Pattern::Closure);
            }
            // Of a macro.
            '!' if self.operand.is_some() && !joint => return None,
            // Another argument of the lease.
            ',' if self.inside == Inside::Body => return None,
            // What a closure returns.
            '>' if is_punct(self.out.last(), '-') => return None,
            // Of a path, or the second of a shift.
            '<' if self.operand.is_none() => return None,
            ',' | '=' | '+' | '-' | '*' | '/' | '%' | '^' | '&' | '|' | '<' | '>' | '!' => {
                self.operator()
            }
            _ => return None,
        }
        Some(())
    }

    fn group(&mut self, group: Group) -> Option<()> {
        if self.pattern.is_some() {
            if !is_quiet(&group, self.name) {
                return None;
            }
            self.out.push(TokenTree::Group(group));
            return Some(());
        }
        let after_name = matches!(self.out.last(), Some(TokenTree::Ident(_)));
        match group.delimiter() {
            Delimiter::None => return None,
            Delimiter::Brace => {
                self.simple = false;
                let block = self.head || self.operand.is_none();
                if !block && !after_name {
                    return None;
                }
                let inside = if block { Inside::Block } else { Inside::Other };
                let changed = self.descend(group, inside)?;
                if block {
                    self.rewritten |= changed;
                    self.operator();
                    self.statement = self.out.len();
                }
            }
            Delimiter::Parenthesis if self.operand.is_some() => match self.verb() {
                Some(fetch) => self.send(&group, fetch)?,
                None => {
                    self.goes_on(End::Other);
                    self.descend(group, Inside::Call)?;
                }
            },
            // Of what the block gives, or not.
            _ if is_group(self.out.last(), Delimiter::Brace) => return None,
            Delimiter::Parenthesis | Delimiter::Bracket => {
                self.goes_on(End::Other);
                self.descend(group, Inside::Other)?;
            }
        }
        Some(())
    }

    /// Whether anything in the group was rewritten.
    fn descend(&mut self, group: Group, inside: Inside) -> Option<bool> {
        let walk = Walk::over(group.stream().into_iter(), self.name, inside)?;
        self.changed |= walk.changed;
        self.simple &= walk.simple && !walk.chained && !(walk.calls && walk.operators);
        self.calls |= walk.calls;
        self.out.push(if walk.changed {
            regroup(&group, walk.out.into_iter().collect())
        } else {
            TokenTree::Group(group)
        });
        Some(walk.changed)
    }

    /// Whether what is called is one of `sqlx`'s verbs, and whether it is `fetch`.
    fn verb(&self) -> Option<bool> {
        match self.out.as_slice() {
            [.., TokenTree::Punct(dot), TokenTree::Ident(_)] if dot.as_char() == '.' => {
                match self.word {
                    Word::Verb => Some(false),
                    Word::Fetch => Some(true),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `query.fetch_one(conn)` becomes `Statement::fetch_one(query, conn)`.
    fn send(&mut self, arguments: &Group, fetch: bool) -> Option<()> {
        self.simple = false;
        let argument: Vec<TokenTree> = arguments.stream().into_iter().collect();
        for token in &argument[..argument.len().checked_sub(1)?] {
            match token {
                TokenTree::Punct(punct) if matches!(punct.as_char(), '&' | '*') => {}
                TokenTree::Ident(ident) if is(ident, "mut") => {}
                _ => return None,
            }
        }
        match argument.last()? {
            TokenTree::Ident(ident) if is(ident, self.name) => {}
            _ => return None,
        }
        let verb = self.out.pop()?;
        self.out.pop();
        let span = verb.span();
        let mut arguments = self.out.split_off(self.operand?.start);
        arguments.push(punct(',', span));
        arguments.extend(argument);
        let path = ["shortlease", "Statement"];
        call(&mut self.out, &path, verb, arguments, [span, span]);
        self.changed = true;
        self.goes_on(if fetch { End::Other } else { End::Verb });
        Some(())
    }

    /// `x.await` becomes `check(x).await`, but for the verbs.
    fn awaits(&mut self, word: Ident) -> Option<()> {
        self.simple = false;
        let dot = self.out.pop()?;
        let Operand { start, end } = self.operand?;
        if end != End::Verb {
            let span = word.span();
            let future = self.out.split_off(start);
            let path = ["shortlease", "__private"];
            let check = ident("check", span);
            call(&mut self.out, &path, check, future, [span, Span::call_site()]);
        }
        self.out.push(dot);
        self.out.push(TokenTree::Ident(word));
        self.changed = true;
        self.goes_on(End::Await);
        Some(())
    }

    /// The whole of a body: what it ends in is converted if it is awaited, as `?` would.
    fn ended(mut self) -> Option<Vec<TokenTree>> {
        let last = self.out.last();
        let closer = is_group(last, Delimiter::Brace) && self.rewritten
            || is_punct(last, ',')
            || is_group(self.out.get(self.statement), Delimiter::Parenthesis);
        if closer || self.out.is_empty() {
            return None;
        }
        if self.operand == Some(Operand { start: self.statement, end: End::Await }) {
            let mut outcome = self.out.split_off(self.statement);
            let span = outcome.last()?.span();
            // What is said of the whole is then said at its `await`.
            let arguments = outcome.len().checked_sub(3)?;
            if let TokenTree::Group(arguments) = &mut outcome[arguments] {
                arguments.set_span(span);
            }
            let path = ["shortlease", "__private"];
            call(&mut self.out, &path, ident("ended", span), outcome, [span, span]);
        }
        Some(self.out)
    }
}

/// Whether a part of a pattern or a type would be left as it is, were it an expression.
// As it may be: `{ a } | f(b) | c` looks like a closure here.
fn is_quiet(group: &Group, name: &str) -> bool {
    let mut tokens = group.stream().into_iter();
    group.delimiter() != Delimiter::None
        && tokens.all(|token| match token {
            TokenTree::Ident(ident) => {
                let written = ident.to_string();
                matches!(word(&written), Word::Other | Word::Mut) && written != name
            }
            TokenTree::Group(group) => is_quiet(&group, name),
            TokenTree::Literal(literal) => !is_notable(&literal.to_string()),
            TokenTree::Punct(punct) => punct.as_char() != '!',
        })
}
