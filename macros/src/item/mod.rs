//! The functions in an item. Their bodies stay tokens.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Signature, Visibility};

use crate::syntax::each_word;
use crate::syntax::fragments;
use crate::syntax::statements::{behind_any_item, behind_attributes};
use crate::tokens::{Group, Token, is_punct, is_word, list, stream, word};

pub(crate) mod connections;
pub(crate) mod receiver;
pub(crate) mod signature;

/// An item with an attribute of ours, cut into its functions and the tokens between them.
pub(crate) struct Item {
    parts: Vec<Part>,
}

enum Part {
    Tokens(TokenStream),
    Function(Box<Function>),
    Members(Members),
}

/// An `impl`, a `trait` or a `mod`, or a function around the one that the user wrote.
struct Members {
    attrs: Vec<Attribute>,
    kind: Kind,
    /// True if the attribute is on it.
    marked: bool,
    header: TokenStream,
    braces: Group,
    parts: Vec<Part>,
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
    pub(crate) attrs: Vec<Attribute>,
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
    /// It has no body, as a trait declares it, and the attribute is on it.
    Declaration,
}

impl Place {
    /// Tells whether the attribute is on the function itself.
    pub(crate) fn is_marked(self) -> bool {
        matches!(self, Place::Itself | Place::Declaration)
    }
}

const DECLARED: &str = "declared";
const OWN: [(Own, &str); 3] = [(Own::Field, "field"), (Own::Conn, "conn"), (Own::Tx, "tx")];

const NO_FUNCTIONS: &str = "SL009: this attribute reads the bodies of functions, and there are none here\nhelp: put it on a function, an `impl`, a `trait` or an inline `mod`";

impl Item {
    /// Reads what an attribute stands on.
    ///
    /// # Errors
    ///
    /// SL009 for anything without functions; a signature that cannot be read.
    pub(crate) fn read(item: TokenStream) -> syn::Result<Self> {
        let tokens = list(item);
        let (item, rest) = tokens.split_at(behind_any_item(&tokens, 0));
        let mut parts = Vec::new();
        match part(item, Place::Itself)? {
            Part::Tokens(tokens) => return Err(syn::Error::new_spanned(tokens, NO_FUNCTIONS)),
            Part::Function(mut function) => {
                if function.body.is_none() {
                    function.place = Place::Declaration;
                }
                parts.push(as_written(function)?);
            }
            Part::Members(members) => {
                parts.push(Part::Members(Members { marked: true, ..members }))
            }
        }
        parts.push(Part::Tokens(stream(rest)));
        Ok(Item { parts })
    }

    /// Returns every function that this attribute is about, by where they stand: not those with one of their own.
    pub(crate) fn containers(&mut self) -> Vec<Container<'_>> {
        let mut containers = Vec::new();
        add((&Kind::Alone, true), &mut self.parts, &mut containers);
        containers
    }

    /// Returns `#[async_trait]`, or what that has rewritten: it stood above then.
    pub(crate) fn async_trait(&mut self) -> Option<TokenStream> {
        let attrs = match self.parts.first()? {
            Part::Tokens(_) => return None,
            Part::Function(function) => &function.attrs,
            Part::Members(members) => &members.attrs,
        };
        let named = |attr: &&Attribute| last(attr.path()).is_some_and(|last| last == "async_trait");
        if let Some(attr) = attrs.iter().find(named) {
            return Some(attr.to_token_stream());
        }
        let mut functions = self.containers().into_iter().flat_map(|container| container.functions);
        let rewritten = functions.find(|function| {
            function.sig.generics.lifetimes().any(|named| named.lifetime.ident == "async_trait")
        });
        let name = rewritten?.sig.ident.to_token_stream();
        Some(self.header().cloned().unwrap_or(name))
    }

    /// Returns the header of the `impl`, the `trait` or the `mod` that the attribute is on.
    pub(crate) fn header(&self) -> Option<&TokenStream> {
        match self.parts.first()? {
            Part::Members(members) => Some(&members.header),
            _ => None,
        }
    }
}

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
            Part::Members(Members { kind, marked, parts, .. }) => {
                add((kind, *marked), parts, containers);
            }
        }
    }
    containers.push(Container { kind, marked, functions });
}

impl Kind {
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
    fn of(ty: &syn::Type) -> Option<Self> {
        let syn::Type::Path(path) = ty else { return None };
        match last(&path.path)?.as_str() {
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
    attrs.iter().any(|attr| matches!(last(attr.path()).as_deref(), Some("handler" | "leased")))
}

/// Returns the function that the user wrote: attributes such as `#[sqlx::test]` put it into one of the same name
/// that is not async.
fn as_written(mut function: Box<Function>) -> syn::Result<Part> {
    if function.sig.asyncness.is_some() {
        return Ok(Part::Function(function));
    }
    let name = function.sig.ident.to_string();
    let tokens = function.body.as_ref().map(Group::tokens).unwrap_or_default();
    let inner = tokens.windows(3).position(|three| {
        is_word(three.first(), "async")
            && is_word(three.get(1), "fn")
            && word(three.get(2)) == Some(&name)
    });
    let Some(at) = inner else { return Ok(Part::Function(function)) };
    let behind = behind_any_item(tokens, at);
    let within = self::function(&tokens[at..behind], Place::Itself)?;
    let parts = vec![
        Part::Tokens(stream(&tokens[..at])),
        as_written(within.into())?,
        Part::Tokens(stream(&tokens[behind..])),
    ];
    let Some(braces) = function.body.take() else { return Ok(Part::Function(function)) };
    let (header, kind) = (function.header(), Kind::Alone);
    Ok(Part::Members(Members { attrs: function.attrs, kind, marked: true, header, braces, parts }))
}

/// Reads one item.
fn part(item: &[Token], place: Place) -> syn::Result<Part> {
    match item_word(item) {
        Some("fn") => Ok(Part::Function(function(item, place)?.into())),
        Some("impl" | "trait" | "mod") => members(item),
        Some("const" | "static" | "type") => Ok(Part::Tokens(written(item, fragments::item))),
        _ => Ok(Part::Tokens(stream(item))),
    }
}

fn written(tokens: &[Token], write: fn(&[Token], &mut Vec<TokenTree>)) -> TokenStream {
    let mut written = Vec::new();
    write(tokens, &mut written);
    written.into_iter().collect()
}

fn function(item: &[Token], place: Place) -> syn::Result<Function> {
    let (body, header) = match item {
        [header @ .., Token::Group(body)] if body.delimiter() == Delimiter::Brace => {
            (Some(body.clone()), header)
        }
        [header @ .., semicolon] if is_punct(Some(semicolon), ';') => (None, header),
        item => {
            let last = item.last().map(Token::tree);
            return Err(syn::Error::new_spanned(last, "expected the body of a function"));
        }
    };
    let read = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        let mut before = input.parse::<Visibility>()?.into_token_stream();
        before.extend(
            input.parse::<Option<syn::Token![default]>>()?.map(ToTokens::into_token_stream),
        );
        let mut sig = input.parse()?;
        fragments::bind(&mut sig);
        Ok(Function { attrs, before, sig, body, place, own: None })
    };
    read.parse2(stream(header))
}

fn members(item: &[Token]) -> syn::Result<Part> {
    let [header @ .., Token::Group(braces)] = item else { return Ok(Part::Tokens(stream(item))) };
    let header = written(header, fragments::types);
    let (attrs, kind) = match syn::parse2(quote!(#header {})) {
        Ok(syn::Item::Trait(item)) => (item.attrs, Kind::Trait { name: item.ident.to_string() }),
        Ok(syn::Item::Impl(item)) => {
            let of = item.trait_.as_ref().and_then(|of| last(&of.0));
            (item.attrs, Kind::Impl { of, lends: Own::of(&item.self_ty) })
        }
        Ok(syn::Item::Mod(item)) => (item.attrs, Kind::Mod),
        _ => return Ok(Part::Tokens(stream(item))),
    };
    let place = if matches!(kind, Kind::Trait { .. }) { Place::Trait } else { Place::Within };
    let (tokens, mut parts, mut at) = (braces.tokens(), Vec::new(), 0);
    while at < tokens.len() {
        let behind = behind_any_item(tokens, at);
        parts.push(match part(&tokens[at..behind], place)? {
            // One with an attribute of ours is that attribute's.
            Part::Members(within) if is_marked(&within.attrs) => {
                Part::Tokens(stream(&tokens[at..behind]))
            }
            part => part,
        });
        at = behind;
    }
    let braces = braces.clone();
    Ok(Part::Members(Members { attrs, kind, marked: false, header, braces, parts }))
}

/// Returns the word that says what an item is, behind its attributes and qualifiers.
fn item_word(item: &[Token]) -> Option<&str> {
    let qualifies = |token: &&Token| match token {
        Token::Word(_, word) => ["pub", "default", "const", "async", "unsafe", "extern", "auto"]
            .contains(&word.as_str()),
        Token::Literal(_) => true,
        Token::Group(group) => {
            matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::None)
        }
        Token::Sign(_) => false,
    };
    let start = behind_attributes(item, 0);
    let at = start + item[start..].iter().take_while(qualifies).count();
    let word = word(item.get(at));
    let is_const = item[start..at].iter().any(|token| is_word(Some(token), "const"));
    match word {
        Some("fn" | "impl" | "trait" | "mod") => word,
        _ if is_const => Some("const"),
        _ => word,
    }
}

impl Function {
    /// Tells whether an attribute below ours puts the body into a span: tracing's, or one under a condition.
    pub(crate) fn is_instrumented(&self) -> bool {
        self.attrs.iter().any(|attr| match last(attr.path()).as_deref() {
            Some("instrument") => true,
            Some("cfg_attr") => {
                let mut named = false;
                let mut name = |word: &str| named |= word == "instrument";
                each_word(&list(attr.meta.to_token_stream()), &mut name);
                named
            }
            _ => false,
        })
    }

    /// Names what an attribute on the function itself would not know of it. `None` if this one stands there.
    pub(crate) fn surroundings(&self) -> Option<Vec<Ident>> {
        if self.place.is_marked() {
            return None;
        }
        let place = (self.place == Place::Trait).then_some(DECLARED);
        let own = OWN.iter().find(|(own, _)| self.own == Some(*own)).map(|(_, word)| *word);
        let word = |word: &str| Ident::new(word, Span::call_site());
        Some(place.into_iter().chain(own).map(word).collect())
    }

    /// Puts a function that stands alone back into what [`surroundings`](Self::surroundings) has named.
    pub(crate) fn surround(&mut self, words: &[Ident]) {
        let named = |word: &str| words.iter().any(|named| named == word);
        self.place = if named(DECLARED) { Place::Trait } else { Place::Within };
        self.own = OWN.iter().find(|(_, word)| named(word)).map(|(own, _)| *own);
    }

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
            Some(body) => body.to_tokens(tokens),
            None => <syn::Token![;]>::default().to_tokens(tokens),
        }
    }
}

impl ToTokens for Part {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Part::Tokens(raw) => tokens.extend(raw.clone()),
            Part::Function(function) => function.to_tokens(tokens),
            Part::Members(Members { header, braces, parts, .. }) => {
                let within = parts.iter().map(ToTokens::to_token_stream).collect();
                tokens.extend(header.clone());
                Group::new(Delimiter::Brace, braces.span(), within).to_tokens(tokens);
            }
        }
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.parts.iter().for_each(|part| part.to_tokens(tokens));
    }
}
