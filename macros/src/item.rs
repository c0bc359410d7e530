use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{
    Attribute, Block, ImplItem, Item, ItemFn, ItemImpl, ItemMod, ItemTrait, Signature, Stmt, Token,
    TraitItem, TraitItemFn, Visibility,
};

/// Which of the two attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Handler,
    Leased,
}

/// What an attribute can stand on.
pub(crate) enum Target {
    Fn(Box<ItemFn>),
    /// A trait's method without a body; methods with one parse as functions.
    Declaration(Box<TraitItemFn>),
    Impl(ItemImpl),
    Trait(ItemTrait),
    Mod(ItemMod),
}

/// One function, wherever it stands.
pub(crate) struct Function<'a> {
    pub(crate) sig: &'a mut Signature,
    pub(crate) block: Option<&'a mut Block>,
    pub(crate) place: Place,
}

/// Where a function stands, as far as the attribute can see.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The attribute is on it.
    Itself,
    /// The attribute is on what contains it.
    Within,
    /// It is declared by a trait, whose callers see only what the signature says.
    Trait,
    /// As `Trait`, and the attribute is on it.
    Declaration,
}

impl Target {
    /// Every function that this attribute is about: not those that carry one of their own.
    pub(crate) fn functions(&mut self) -> Vec<Function<'_>> {
        let mut functions = Vec::new();
        match self {
            Target::Fn(item) => functions.push(written(&mut item.sig, &mut item.block)),
            Target::Declaration(item) => {
                let (sig, place) = (&mut item.sig, Place::Declaration);
                functions.push(Function { sig, block: None, place });
            }
            Target::Impl(item) => of_impl(item, &mut functions),
            Target::Trait(item) => of_trait(item, &mut functions),
            Target::Mod(item) => of_mod(item, &mut functions),
        }
        functions
    }
}

/// The function that was written: other attributes, such as `#[sqlx::test]`, put it into one of the
/// same name that is not async.
fn written<'a>(sig: &'a mut Signature, block: &'a mut Block) -> Function<'a> {
    let inner = block.stmts.iter().position(|stmt| {
        let inner = |item: &ItemFn| item.sig.ident == sig.ident && item.sig.asyncness.is_some();
        matches!(stmt, Stmt::Item(Item::Fn(item)) if inner(item))
    });
    match inner.filter(|_| sig.asyncness.is_none()) {
        Some(at) => match &mut block.stmts[at] {
            Stmt::Item(Item::Fn(item)) => written(&mut item.sig, &mut item.block),
            _ => unreachable!("the position of a function"),
        },
        None => Function { sig, block: Some(block), place: Place::Itself },
    }
}

fn of_impl<'a>(item: &'a mut ItemImpl, functions: &mut Vec<Function<'a>>) {
    for item in &mut item.items {
        if let ImplItem::Fn(item) = item
            && !marked(&item.attrs)
        {
            let (sig, block) = (&mut item.sig, Some(&mut item.block));
            functions.push(Function { sig, block, place: Place::Within });
        }
    }
}

fn of_trait<'a>(item: &'a mut ItemTrait, functions: &mut Vec<Function<'a>>) {
    for item in &mut item.items {
        if let TraitItem::Fn(item) = item
            && !marked(&item.attrs)
        {
            let (sig, block) = (&mut item.sig, item.default.as_mut());
            functions.push(Function { sig, block, place: Place::Trait });
        }
    }
}

fn of_mod<'a>(item: &'a mut ItemMod, functions: &mut Vec<Function<'a>>) {
    for item in item.content.iter_mut().flat_map(|(_, items)| items) {
        match item {
            Item::Fn(item) if !marked(&item.attrs) => functions.push(Function {
                sig: &mut item.sig,
                block: Some(&mut item.block),
                place: Place::Within,
            }),
            Item::Impl(item) if !marked(&item.attrs) => of_impl(item, functions),
            Item::Trait(item) if !marked(&item.attrs) => of_trait(item, functions),
            Item::Mod(item) if !marked(&item.attrs) => of_mod(item, functions),
            _ => {}
        }
    }
}

/// Whether it carries one of our attributes already.
fn marked(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let name = attr.path().segments.last().map(|last| &last.ident);
        name.is_some_and(|name| name == "handler" || name == "leased")
    })
}

impl Target {
    pub(crate) fn read(input: ParseStream<'_>) -> syn::Result<Self> {
        if declares(&input.fork()) {
            return input.parse().map(Target::Declaration);
        }
        match input.parse()? {
            Item::Fn(item) => Ok(Target::Fn(item.into())),
            Item::Impl(item) => Ok(Target::Impl(item)),
            Item::Trait(item) => Ok(Target::Trait(item)),
            Item::Mod(item) if item.content.is_some() => Ok(Target::Mod(item)),
            other => Err(syn::Error::new_spanned(
                other,
                "SL009: this attribute has nothing to check here, because it reads the bodies of functions -- put it on a function, an `impl`, a `trait` or an inline `mod`",
            )),
        }
    }
}

/// Whether it is a trait's method without a body.
fn declares(ahead: ParseStream<'_>) -> bool {
    let head = ahead.call(Attribute::parse_outer).is_ok()
        && ahead.parse::<Visibility>().is_ok()
        && ahead.parse::<Signature>().is_ok();
    head && ahead.peek(Token![;])
}

impl ToTokens for Target {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Target::Fn(item) => item.to_tokens(tokens),
            Target::Declaration(item) => item.to_tokens(tokens),
            Target::Impl(item) => item.to_tokens(tokens),
            Target::Trait(item) => item.to_tokens(tokens),
            Target::Mod(item) => item.to_tokens(tokens),
        }
    }
}
