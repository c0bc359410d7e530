//! The functions in an item. Their bodies stay tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Signature, Token, Visibility};

use crate::syntax::past;
use crate::tokens::{enclosed, group, is_punct, is_word, list, stream, word};

/// An item with an attribute of ours, cut into its functions and the tokens between them.
pub(crate) struct Item {
    parts: Vec<Part>,
}

enum Part {
    Tokens(TokenStream),
    Function(Box<Function>),
    /// The braces of an `impl`, a `trait` or a `mod`.
    Members {
        kind: Kind,
        marked: bool,
        braces: Group,
        parts: Vec<Part>,
    },
}

/// The place that functions stand in together, to be looked at as one.
pub(crate) struct Container<'i> {
    pub(crate) kind: &'i Kind,
    /// True if the attribute is on it.
    pub(crate) marked: bool,
    pub(crate) functions: Vec<&'i mut Function>,
}

/// The kinds of such places.
pub(crate) enum Kind {
    /// A function by itself.
    Alone,
    Mod,
    Trait {
        name: String,
    },
    /// Of a trait, if `of` names one; for a connection, if it is for `Conn<_>` or `Tx<_>` itself.
    Impl {
        of: Option<String>,
        lends: Option<Own>,
    },
}

/// The connection that a method has in `self`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    /// Somewhere in it.
    Field,
    /// It is a `Conn`.
    Conn,
    /// It is a `Tx`.
    Tx,
}

/// One function, wherever it stands.
pub(crate) struct Function {
    attrs: Vec<Attribute>,
    before: TokenStream,
    pub(crate) sig: Signature,
    /// `None` for a trait's method without one.
    pub(crate) body: Option<Group>,
    pub(crate) place: Place,
    /// Its connection, if it has one in `self`.
    pub(crate) own: Option<Own>,
}

/// The place of a function, as far as the attribute can see.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The attribute is on it.
    Itself,
    /// The attribute is on what contains it.
    Within,
    /// A trait declares it, whose callers see only what the signature says. The attribute is on the trait.
    Trait,
    /// A trait declares it, and the attribute is on it.
    Declaration,
}

impl Place {
    /// Tells whether the attribute is on the function itself.
    pub(crate) fn is_marked(self) -> bool {
        matches!(self, Place::Itself | Place::Declaration)
    }
}

const NO_FUNCTIONS: &str = "SL009: this attribute reads the bodies of functions, and there are none here\nhelp: put it on a function, an `impl`, a `trait` or an inline `mod`";

impl Item {
    /// Reads what an attribute stands on.
    ///
    /// # Errors
    ///
    /// SL009 for anything without functions; a signature that cannot be read.
    pub(crate) fn read(item: TokenStream) -> syn::Result<Self> {
        let mut header: Vec<TokenTree> = item.clone().into_iter().collect();
        // `syn` would copy every token of a body, to read none of them.
        let detached = header.pop_if(
            |last| matches!(last, TokenTree::Group(last) if last.delimiter() == Delimiter::Brace),
        );
        let whole = |input: ParseStream<'_>| Item::parse(input, None);
        let Some(TokenTree::Group(braces)) = detached else { return whole.parse2(item) };
        header.push(enclosed(Delimiter::Brace, braces.span(), TokenStream::new()));
        let read = |input: ParseStream<'_>| Item::parse(input, Some(&braces));
        let read = read.parse2(header.into_iter().collect())?;
        match read.parts.last() {
            // The braces at the end are not the item's.
            Some(Part::Tokens(rest)) if !rest.is_empty() => whole.parse2(item),
            _ => Ok(read),
        }
    }

    /// Reads an item; what is in the braces that it ends with is in `detached`.
    fn parse(input: ParseStream<'_>, detached: Option<&Group>) -> syn::Result<Self> {
        let ahead = input.fork();
        let mut parts = Vec::new();
        match member(input, Place::Itself)? {
            Member::Function(mut function) => {
                if function.body.is_none() {
                    function.place = Place::Declaration;
                } else if let Some(body) = detached {
                    function.body = Some(body.clone());
                }
                parts.extend(as_written(function));
            }
            Member::Container { header, braces, place, kind, .. } => {
                let braces = detached.unwrap_or(&braces).clone();
                parts.push(Part::Tokens(header));
                let within = members(&braces, place)?;
                parts.push(Part::Members { kind, marked: true, braces, parts: within });
            }
            Member::Other => {
                return Err(syn::Error::new_spanned(ahead.parse::<TokenStream>()?, NO_FUNCTIONS));
            }
        }
        parts.push(Part::Tokens(input.parse()?));
        Ok(Item { parts })
    }

    /// Returns every function that this attribute is about, by where they stand: not those with one of their own.
    pub(crate) fn containers(&mut self) -> Vec<Container<'_>> {
        fn add<'p>(
            (kind, marked): (&'p Kind, bool),
            parts: &'p mut [Part],
            containers: &mut Vec<Container<'p>>,
        ) {
            let mut functions = Vec::new();
            for part in parts {
                match part {
                    Part::Tokens(_) => {}
                    Part::Function(function)
                        if !function.place.is_marked() && is_marked(&function.attrs) => {}
                    Part::Function(function) => functions.push(&mut **function),
                    Part::Members { kind, marked, parts, .. } => {
                        add((kind, *marked), parts, containers);
                    }
                }
            }
            containers.push(Container { kind, marked, functions });
        }
        let mut containers = Vec::new();
        add((&Kind::Alone, true), &mut self.parts, &mut containers);
        containers
    }

    /// Returns the attribute of a name that the item has.
    pub(crate) fn attribute(&self, name: &str) -> Option<Attribute> {
        let of_header = self.header().and_then(|header| {
            let read = |input: ParseStream<'_>| {
                let attrs = input.call(Attribute::parse_outer)?;
                input.parse::<TokenStream>().map(|_| attrs)
            };
            read.parse2(header.clone()).ok()
        });
        let attrs = match &self.parts[..] {
            [Part::Function(function), ..] => function.attrs.clone(),
            _ => of_header.unwrap_or_default(),
        };
        let is = |attr: &Attribute| last(attr.path()).is_some_and(|last| last == name);
        attrs.into_iter().find(is)
    }

    /// Returns the header of the `impl`, the `trait` or the `mod` that the attribute is on.
    pub(crate) fn header(&self) -> Option<&TokenStream> {
        match &self.parts[..] {
            [Part::Tokens(header), Part::Members { .. }, ..] => Some(header),
            _ => None,
        }
    }
}

impl Kind {
    fn of(header: &TokenStream) -> Self {
        let item = syn::parse2(quote!(#header {}));
        match item {
            Ok(syn::Item::Trait(item)) => Kind::Trait { name: item.ident.to_string() },
            Ok(syn::Item::Impl(item)) => Kind::Impl {
                of: item.trait_.as_ref().and_then(|of| last(&of.0)),
                lends: match &*item.self_ty {
                    syn::Type::Path(path) => last(&path.path).and_then(|last| Own::named(&last)),
                    _ => None,
                },
            },
            _ => Kind::Mod,
        }
    }

    /// Returns the trait that it is or implements.
    pub(crate) fn of_trait(&self) -> Option<&str> {
        match self {
            Kind::Trait { name } | Kind::Impl { of: Some(name), .. } => Some(name),
            _ => None,
        }
    }

    /// Returns the connection that methods in it which have one in `self` have there.
    pub(crate) fn own(&self) -> Own {
        match self {
            Kind::Impl { lends: Some(own), .. } => *own,
            _ => Own::Field,
        }
    }
}

impl Own {
    fn named(name: &str) -> Option<Self> {
        match name {
            "Conn" => Some(Own::Conn),
            "Tx" => Some(Own::Tx),
            _ => None,
        }
    }
}

fn last(path: &syn::Path) -> Option<String> {
    path.segments.last().map(|last| last.ident.to_string())
}

/// Tells whether one of our attributes is among them.
fn is_marked(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let name = attr.path().segments.last().map(|last| &last.ident);
        name.is_some_and(|name| name == "handler" || name == "leased")
    })
}

/// Returns the function that the user wrote: attributes such as `#[sqlx::test]` put it into one of the same name
/// that is not async.
fn as_written(mut function: Box<Function>) -> Vec<Part> {
    let name = function.sig.ident.to_string();
    let body = function.body.as_ref().map(Group::stream).unwrap_or_default();
    let tokens = list(body);
    let inner = tokens.windows(3).position(|three| {
        is_word(three.first(), "async")
            && is_word(three.get(1), "fn")
            && word(three.get(2)) == Some(&name)
    });
    if let Some(at) = inner.filter(|_| function.sig.asyncness.is_none())
        && let Some(braces) = function.body.clone()
        && let Ok((within, behind)) = inner_function.parse2(stream(&tokens[at..]))
    {
        let mut parts = vec![Part::Tokens(stream(&tokens[..at]))];
        parts.extend(as_written(within.into()));
        parts.push(Part::Tokens(behind));
        function.body = None;
        let header = function.header();
        let kind = Kind::Alone;
        return vec![Part::Tokens(header), Part::Members { kind, marked: true, braces, parts }];
    }
    vec![Part::Function(function)]
}

fn inner_function(input: ParseStream<'_>) -> syn::Result<(Function, TokenStream)> {
    let (sig, body) = (input.parse()?, body(input)?);
    let (attrs, before, place) = (Vec::new(), TokenStream::new(), Place::Itself);
    let within = Function { attrs, before, sig, body, place, own: None };
    Ok((within, input.parse()?))
}

enum Member {
    Function(Box<Function>),
    Container { header: TokenStream, braces: Group, place: Place, kind: Kind, marked: bool },
    Other,
}

/// Reads one item, or leaves `input` where it is.
fn member(input: ParseStream<'_>, place: Place) -> syn::Result<Member> {
    let ahead = input.fork();
    let attrs = ahead.call(Attribute::parse_outer)?;
    let mut before = ahead.parse::<Visibility>()?.into_token_stream();
    if ahead.peek(Token![default]) && !ahead.peek2(Token![!]) {
        before.extend(ahead.parse::<Token![default]>()?.into_token_stream());
    }
    if is_function(&ahead) {
        let sig = ahead.parse()?;
        let body = body(&ahead)?;
        input.advance_to(&ahead);
        return Ok(Member::Function(
            Function { attrs, before, sig, body, place, own: None }.into(),
        ));
    }
    let Some(place) = container(&ahead) else { return Ok(Member::Other) };
    let mut header: TokenStream = attrs.iter().map(ToTokens::to_token_stream).collect();
    header.extend(before);
    let tokens = list(ahead.fork().parse()?);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if group(Some(token), Delimiter::Brace).is_some() || is_punct(Some(token), ';') {
            break;
        }
        at = past(&tokens, at);
    }
    if group(tokens.get(at), Delimiter::Brace).is_none() {
        return Ok(Member::Other);
    }
    for _ in 0..at {
        header.append(ahead.parse::<TokenTree>()?);
    }
    let braces = ahead.parse()?;
    input.advance_to(&ahead);
    let (marked, kind) = (is_marked(&attrs), Kind::of(&header));
    Ok(Member::Container { header, braces, place, kind, marked })
}

/// Tells whether a function's signature comes next.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while !ahead.peek(Token![fn]) {
        let qualifier = ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern])
            || ahead.peek(syn::LitStr);
        if !qualifier || ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
    true
}

/// Returns where the functions of an `impl`, a `trait` or a `mod` stand, if one comes next.
fn container(input: ParseStream<'_>) -> Option<Place> {
    let ahead = input.fork();
    while ahead.peek(Token![unsafe]) || ahead.peek(Token![auto]) {
        ahead.parse::<TokenTree>().ok()?;
    }
    if ahead.peek(Token![trait]) {
        return Some(Place::Trait);
    }
    (ahead.peek(Token![impl]) || ahead.peek(Token![mod])).then_some(Place::Within)
}

fn body(input: ParseStream<'_>) -> syn::Result<Option<Group>> {
    if input.parse::<Option<Token![;]>>()?.is_some() {
        return Ok(None);
    }
    match input.parse()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Ok(Some(group)),
        other => Err(syn::Error::new_spanned(other, "expected the body of a function")),
    }
}

fn members(braces: &Group, place: Place) -> syn::Result<Vec<Part>> {
    let read = |input: ParseStream<'_>| {
        let mut parts = Vec::new();
        while !input.is_empty() {
            match member(input, place)? {
                Member::Function(function) => parts.push(Part::Function(function)),
                Member::Container { header, braces, place, kind, marked } => {
                    parts.push(Part::Tokens(header));
                    // One with an attribute of ours is that attribute's.
                    let within = if marked { Vec::new() } else { members(&braces, place)? };
                    if within.is_empty() {
                        parts.push(Part::Tokens(TokenTree::Group(braces).into()));
                    } else {
                        parts.push(Part::Members { kind, marked: false, braces, parts: within });
                    }
                }
                Member::Other => parts.push(Part::Tokens(other(input)?)),
            }
        }
        Ok(parts)
    };
    read.parse2(braces.stream())
}

/// Reads an item without functions: to its `;` or its braces.
fn other(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    let mut to_semicolon = false;
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let ends = match &token {
            TokenTree::Ident(word) => {
                to_semicolon |= ["const", "static", "type", "use"].iter().any(|item| word == item);
                false
            }
            TokenTree::Punct(sign) => sign.as_char() == ';',
            TokenTree::Group(group) => !to_semicolon && group.delimiter() == Delimiter::Brace,
            TokenTree::Literal(_) => false,
        };
        tokens.append(token);
        if ends {
            break;
        }
    }
    Ok(tokens)
}

impl Function {
    fn header(&self) -> TokenStream {
        let mut tokens: TokenStream = self.attrs.iter().map(ToTokens::to_token_stream).collect();
        tokens.extend(self.before.clone());
        self.sig.to_tokens(&mut tokens);
        tokens
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.header());
        match &self.body {
            Some(body) => tokens.append(body.clone()),
            None => <Token![;]>::default().to_tokens(tokens),
        }
    }
}

impl ToTokens for Part {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Part::Tokens(raw) => tokens.extend(raw.clone()),
            Part::Function(function) => function.to_tokens(tokens),
            Part::Members { braces, parts, .. } => {
                let within = parts.iter().map(ToTokens::to_token_stream).collect();
                tokens.append(enclosed(Delimiter::Brace, braces.span(), within));
            }
        }
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.parts.iter().for_each(|part| part.to_tokens(tokens));
    }
}
