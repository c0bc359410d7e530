//! The signature that `#[leased]` makes: of a function that returns a database future.

use proc_macro2::{Delimiter, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericParam, Lifetime, ParenthesizedGenericArguments, Pat, Receiver, ReceiverKind,
    ReturnType, Signature, Type, TypeFnPtr, TypeImplTrait, TypeParamBound, TypeReference,
    parse_quote, parse_quote_spanned,
};

use super::{Function, Place};
use crate::args::Args;
use crate::syntax::inner_attributes;
use crate::tokens::{Group, enclosed};
use crate::types::has_opaque;
use crate::walk::awaits::{called, connection_type};
use crate::walk::lease::say_type;

/// Returns what a function returns, as written.
pub(crate) fn output(sig: &Signature) -> Type {
    match &sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// Makes a function return a database future: writes its signature anew and puts its body into an `async` block.
pub(crate) fn lease(function: &mut Function, args: &Args, either: Option<&Ident>) {
    let place = function.place;
    let sig = &mut function.sig;
    let Some(word) = sig.asyncness.take() else { return };
    let span = word.span;
    let krate = args.krate(span);
    let ty = match &sig.output {
        ReturnType::Default => parse_quote_spanned!(span=> ()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let end = match &sig.output {
        ReturnType::Default => sig.paren_token.span.close(),
        ReturnType::Type(_, ty) => {
            ty.to_token_stream().into_iter().last().map_or(span, |end| end.span())
        }
    };
    let typed = (!has_opaque(&ty)).then(|| say_type(&ty, Span::mixed_site()));
    let boxed = args.boxed && either.is_none();
    if boxed {
        // The type is ours.
        function.attrs.push(parse_quote!(#[allow(clippy::type_complexity)]));
    }
    sig.output = if boxed {
        let lifetime = Lifetime::new("'leased", span);
        outlive(sig, &lifetime);
        parse_quote_spanned! {span=>
            -> ::core::pin::Pin<#krate::__private::Box<
                dyn #krate::DbFuture<Output = #ty> + ::core::marker::Send + #lifetime
            >>
        }
    } else {
        name_lifetimes(sig, span);
        if place == Place::Trait && function.body.is_some() {
            share_self(sig);
        }
        let send = matches!(place, Place::Trait | Place::Declaration)
            .then(|| quote!(+ ::core::marker::Send));
        // The edition that its tokens come from, which is ours, decides what an `impl Trait` captures.
        let opaque = Span::mixed_site().located_at(span);
        let opaque = quote_spanned! {opaque=>
            impl ::core::future::Future<Output = #ty> #send
        };
        match either {
            Some(connection) => {
                parse_quote_spanned!(span=> -> #krate::EitherCall<#connection, #opaque>)
            }
            None => {
                // A `where` that rustc proposes goes behind this one.
                let end = quote_spanned!(end=> >);
                parse_quote_spanned!(span=> -> #krate::DbCall<#opaque #end)
            }
        }
    };
    let Some(body) = &function.body else { return };
    let (inner, stmts) = inner_attributes(body.tokens());
    let moved = sig.inputs.iter_mut().enumerate().map(take_in);
    // The edition of its braces decides when the temporaries at the end of a block are dropped.
    let stmts = enclosed(Delimiter::Brace, body.span(), quote!(#(#stmts)*));
    let hidden = Span::mixed_site().located_at(span);
    let block = enclosed(Delimiter::Brace, hidden, quote!(#(#moved)* #typed #stmts));
    let on = either.map(|connection| {
        let on = connection_type(span);
        quote_spanned!(span=> let #on = #krate::__private::PhantomData::<fn(&mut #connection)>;)
    });
    let call = called(either, &krate, span, &quote_spanned!(span=> async move #block));
    let call = if boxed { quote_spanned!(span=> #krate::__private::Box::pin(#call)) } else { call };
    function.body = Some(Group::new(Delimiter::Brace, body.span(), quote!(#(#inner)* #on #call)));
}

/// Asks of the type of a trait's default method what its future needs to be `Send`.
fn share_self(sig: &mut Signature) {
    let Some(receiver) = sig.receiver() else { return };
    let shared = matches!(receiver.kind, ReceiverKind::Reference(_, _, None));
    let needs: syn::WherePredicate = match shared {
        true => parse_quote!(Self: ::core::marker::Sync),
        false => parse_quote!(Self: ::core::marker::Send),
    };
    sig.generics.make_where_clause().predicates.push(needs);
}

/// Names the lifetimes that are left out in an `impl Trait`: only an `async fn` may do that.
fn name_lifetimes(sig: &mut Signature, span: Span) {
    let mut names = Vec::new();
    let name = || {
        let name = Lifetime::new(&format!("'leased_{}", names.len()), span);
        names.push(name.clone());
        name
    };
    let mut elided = Elided { within: false, name, bound: None };
    for input in &mut sig.inputs {
        if let FnArg::Typed(input) = input {
            elided.visit_type_mut(&mut input.ty);
        }
    }
    for name in names {
        sig.generics.params.insert(0, parse_quote!(#name));
    }
}

/// Moves a parameter into the future as `async fn` does: all of it, whatever its pattern takes of it.
fn take_in((nth, input): (usize, &mut FnArg)) -> TokenStream {
    let input = match input {
        FnArg::Receiver(_) => return quote!(let _ = &self;),
        FnArg::Typed(input) => input,
    };
    let switched = input.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    let switched = quote!(#(#switched)*);
    if let Pat::Ident(pat) = &mut *input.pat
        && pat.by_ref.is_none()
        && pat.subpat.is_none()
    {
        let (mutability, name) = (pat.mutability.take(), &pat.ident);
        let unused = name.to_string().starts_with('_').then(|| {
            quote!(#[allow(clippy::no_effect_underscore_binding, clippy::used_underscore_binding)])
        });
        return quote! {
            #switched #unused #[allow(clippy::shadow_same)] let #mutability #name = #name;
        };
    }
    let name = Ident::new(&format!("__parameter_{nth}"), Span::mixed_site());
    let pattern = std::mem::replace(&mut *input.pat, parse_quote!(#name));
    quote!(#switched let #name = #name; #switched let #pattern = #name;)
}

/// Gives a boxed future a lifetime that everything it borrows outlives.
fn outlive(sig: &mut Signature, lifetime: &Lifetime) {
    let name = || lifetime.clone();
    let mut elided = Elided { within: true, name, bound: Some(lifetime) };
    for input in &mut sig.inputs {
        match input {
            FnArg::Typed(input) => elided.visit_type_mut(&mut input.ty),
            FnArg::Receiver(receiver) => elided.visit_receiver_mut(receiver),
        }
    }
    let mut bounds = Vec::new();
    for param in &sig.generics.params {
        match param {
            GenericParam::Lifetime(param) => {
                let param = &param.lifetime;
                bounds.push(quote!(#param: #lifetime));
            }
            GenericParam::Type(param) => {
                let param = &param.ident;
                bounds.push(quote!(#param: #lifetime));
            }
            GenericParam::Const(_) => {}
        }
    }
    sig.generics.params.insert(0, parse_quote!(#lifetime));
    let clause = sig.generics.make_where_clause();
    for bound in bounds {
        clause.predicates.push(parse_quote!(#bound));
    }
}

/// Gives names to the lifetimes that are left out.
struct Elided<'a, N> {
    /// True in what is to be named: all of a type, or each `impl Trait` in it.
    within: bool,
    name: N,
    /// The lifetime that each `impl Trait` outlives.
    bound: Option<&'a Lifetime>,
}

impl<N: FnMut() -> Lifetime> VisitMut for Elided<'_, N> {
    fn visit_type_impl_trait_mut(&mut self, opaque: &mut TypeImplTrait) {
        let outer = std::mem::replace(&mut self.within, true);
        visit_mut::visit_type_impl_trait_mut(self, opaque);
        self.within = outer;
        opaque.bounds.extend(self.bound.cloned().map(TypeParamBound::Lifetime));
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if self.within {
            reference.lifetime.get_or_insert_with(&mut self.name);
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_receiver_mut(&mut self, receiver: &mut Receiver) {
        if let ReceiverKind::Reference(_, lifetime, _) = &mut receiver.kind {
            lifetime.get_or_insert_with(&mut self.name);
        }
        visit_mut::visit_receiver_mut(self, receiver);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if self.within && lifetime.ident == "_" {
            *lifetime = (self.name)();
        }
    }

    // Lifetimes that are elided in these are their own.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
    }
}
