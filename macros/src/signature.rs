//! Signatures: the error type of a handler's leases, the connections among its parameters, and the form that `#[leased]`
//! gives to one.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericArgument, GenericParam, Generics, Lifetime, ParenthesizedGenericArguments, Pat,
    PathArguments, Receiver, ReceiverKind, ReturnType, Signature, Type, TypeFnPtr, TypeImplTrait,
    TypeParamBound, TypeReference, WherePredicate, parse_quote, parse_quote_spanned,
};

use crate::args::Args;
use crate::awaits::called;
use crate::item::{Function, Own, Place};
use crate::tokens::enclosed;

/// Returns the error type of a handler's leases: the handler's own, so that `?` in their bodies knows its target.
/// `_` if it cannot be named.
pub(crate) fn error_type(args: &Args, output: &ReturnType) -> TokenStream {
    if let Some(error) = &args.error {
        return quote!(#error);
    }
    let krate = args.krate(Span::call_site());
    let unknown = quote!(#krate::Error);
    let ReturnType::Type(_, ty) = output else { return unknown };
    let mut ty = peeled(boxed_output(ty).unwrap_or(ty)).clone();
    let Type::Path(path) = &ty else { return unknown };
    let Some(last) = path.path.segments.last() else { return unknown };
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.len(),
        _ => 0,
    };
    let name = last.ident.to_string();
    if name == "Result"
        && arguments == 2
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(error)) = arguments.args.last()
    {
        if foreign_error(args, output).is_some() {
            return unknown;
        }
        return if has_opaque(error) { quote!(_) } else { quote!(#error) };
    }
    let names_result = name.ends_with("Result") || name.ends_with("Res");
    if name == "Result" || (names_result && arguments > 0) {
        // An alias: the type knows its error. An `impl Trait` in it cannot be named here and does not matter.
        Opaque.visit_type_mut(&mut ty);
        return quote_spanned!(ty.span()=> <#ty as #krate::__private::Fallible>::Error);
    }
    unknown
}

/// Returns the error type of a function, if it is known to be of a crate that knows nothing of leases, so that nobody could
/// implement `From<shortlease::Error>` for it.
pub(crate) fn foreign_error(args: &Args, output: &ReturnType) -> Option<String> {
    const FOREIGN: [&str; 5] = ["ErrorData", "McpError", "Response", "StatusCode", "String"];
    let ReturnType::Type(_, ty) = output else { return None };
    let Type::Path(path) = peeled(boxed_output(ty).unwrap_or(ty)) else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let GenericArgument::Type(error) = arguments.args.get(1)? else { return None };
    let is_foreign = match peeled(error) {
        Type::Tuple(_) => true,
        Type::Reference(reference) => {
            matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str"))
        }
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            FOREIGN.iter().any(|name| last.ident == name)
        }
        _ => false,
    };
    let known = last.ident == "Result" && args.error.is_none() && is_foreign;
    known.then(|| {
        quote!(#error).to_string().replace(" ,", ",").replace("( ", "(").replace(" :: ", "::")
    })
}

/// Returns `T` of `Pin<Box<dyn Future<Output = T> + ..>>`, which other attributes make of `async fn`.
fn boxed_output(ty: &Type) -> Option<&Type> {
    match peeled(ty) {
        Type::Path(path) => {
            let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
            else {
                return None;
            };
            let name = &path.path.segments.last()?.ident;
            if name != "Pin" && name != "Box" && !name.to_string().ends_with("BoxFuture") {
                return None;
            }
            arguments.args.iter().rev().find_map(|argument| match argument {
                GenericArgument::Type(ty) if name == "Pin" || name == "Box" => boxed_output(ty),
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        Type::TraitObject(object) => object.bounds.iter().find_map(output_of),
        Type::ImplTrait(object) => object.bounds.iter().find_map(output_of),
        _ => None,
    }
}

fn output_of(bound: &syn::TypeParamBound) -> Option<&Type> {
    let syn::TypeParamBound::Trait(bound) = bound else { return None };
    let last = bound.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(&assoc.ty),
        _ => None,
    })
}

fn is_opaque(ty: &Type) -> bool {
    matches!(peeled(ty), Type::ImplTrait(_))
}

/// Tells whether there is an `impl Trait` in a type, which cannot be named in code.
fn has_opaque(ty: &Type) -> bool {
    struct Found(bool);
    impl<'ast> Visit<'ast> for Found {
        fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut found = Found(false);
    found.visit_type(ty);
    found.0
}

struct Opaque;

impl VisitMut for Opaque {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if is_opaque(ty) {
            *ty = parse_quote!(());
        }
        visit_mut::visit_type_mut(self, ty);
    }
}

/// The connections of a leased function.
#[derive(Default)]
pub(crate) struct Connections {
    /// The names of those that verbs can be given as they are.
    pub(crate) names: Vec<String>,
    /// True if it has one at all.
    pub(crate) any: bool,
    /// True if one of them is a transaction.
    pub(crate) transaction: bool,
    /// The type of the only one, if it may be leased or another: a parameter `C: EitherConn<_>`.
    pub(crate) either: Option<Ident>,
}

impl Connections {
    /// Finds them among the parameters of a function, and in its `self` if it has one there.
    pub(crate) fn of(function: &Function, args: &Args) -> Self {
        let mut found = Self::of_parameters(&function.sig, args);
        if let Some(own) = function.own {
            found.any = true;
            found.transaction |= own == Own::Tx;
            if own != Own::Field {
                found.names.push("self".into());
            }
        }
        // Marked itself, a method may have one in `self`.
        found.any |= function.place.is_marked() && function.sig.receiver().is_some();
        found
    }

    /// Finds them among the parameters.
    pub(crate) fn of_parameters(sig: &Signature, args: &Args) -> Self {
        let mut found = Connections::default();
        let mut either = Vec::new();
        for input in &sig.inputs {
            let FnArg::Typed(input) = input else { continue };
            let name = match &*input.pat {
                Pat::Ident(pat) => Some(&pat.ident),
                _ => None,
            };
            let connection = lent(&input.ty);
            if let (Some(name), Some(connection)) = (name, connection)
                && is_either(connection, &sig.generics)
            {
                either.push((name.to_string(), connection.clone()));
                continue;
            }
            let lent = connection.map(ToString::to_string);
            let named = name.is_some() && name == args.on.as_ref();
            if !named && !lent.as_ref().is_some_and(|lent| lent == "Conn" || lent == "Tx") {
                continue;
            }
            found.any = true;
            if let Some(lent) = lent {
                // By an alias too, of which only the name is known.
                found.transaction |= lent.ends_with("Tx");
                found.names.extend(name.map(ToString::to_string));
            }
        }
        if let Some((name, connection)) = either.into_iter().next().filter(|_| !found.any) {
            found.any = true;
            found.names.push(name);
            found.either = Some(connection);
        }
        found
    }
}

/// The trait of a connection that is leased or one of sqlx.
const EITHER: &str = "EitherConn";

fn names_either<'b>(bounds: impl IntoIterator<Item = &'b TypeParamBound>) -> bool {
    bounds.into_iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident == EITHER)
        }
        _ => false,
    })
}

/// Tells whether a type is a parameter that stands for a connection, leased or another.
fn is_either(ty: &Ident, generics: &Generics) -> bool {
    let declared =
        generics.type_params().any(|param| param.ident == *ty && names_either(&param.bounds));
    let clause = generics.where_clause.as_ref();
    declared
        || clause.into_iter().flat_map(|clause| &clause.predicates).any(|predicate| match predicate
        {
            WherePredicate::Type(bound) => {
                matches!(&bound.bounded_ty, Type::Path(path) if path.path.is_ident(ty))
                    && names_either(&bound.bounds)
            }
            _ => false,
        })
}

/// Gives a name to the type of a connection that is written as `&mut impl EitherConn<_>`.
pub(crate) fn name_opaque_connection(sig: &mut Signature) {
    let mut named = Vec::new();
    for input in &mut sig.inputs {
        let FnArg::Typed(input) = input else { continue };
        let Type::Reference(reference) = &mut *input.ty else { continue };
        let Type::ImplTrait(opaque) = &*reference.elem else { continue };
        if names_either(&opaque.bounds) {
            let name = format_ident!("__Conn{}", named.len(), span = Span::mixed_site());
            let bounds = &opaque.bounds;
            named.push(parse_quote!(#name: #bounds));
            *reference.elem = parse_quote!(#name);
        }
    }
    sig.generics.params.extend::<Vec<GenericParam>>(named);
}

/// Returns the parameters of a handler that are sessions, and if there are any, those of other named types.
pub(crate) fn sessions(sig: &Signature) -> [Vec<String>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for input in &sig.inputs {
        if let FnArg::Typed(input) = input
            && let Pat::Ident(pat) = &*input.pat
            && let Some(name) = named(&input.ty)
        {
            let is_other = usize::from(!name.to_string().ends_with("Session"));
            found[is_other].push(pat.ident.to_string());
        }
    }
    if found[0].is_empty() {
        found[1].clear();
    }
    found
}

/// Returns the name of a type, or of what a reference refers to.
fn named(ty: &Type) -> Option<&Ident> {
    match peeled(ty) {
        Type::Reference(reference) => named(&reference.elem),
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// Returns the name of the type that a parameter lends.
fn lent(ty: &Type) -> Option<&Ident> {
    let Type::Reference(reference) = peeled(ty) else { return None };
    reference.mutability?;
    match peeled(&reference.elem) {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// Returns a type out of its parentheses, and out of the group that it came in as a macro's argument.
fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => peeled(&paren.elem),
        Type::Group(group) => peeled(&group.elem),
        ty => ty,
    }
}

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
    let span = word.span();
    let krate = args.krate(span);
    let ty = match &sig.output {
        ReturnType::Default => parse_quote_spanned!(span=> ()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let typed = (!has_opaque(&ty)).then(|| returns(&ty));
    sig.output = if args.boxed {
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
            None => parse_quote_spanned!(span=> -> #krate::DbCall<#opaque>),
        }
    };
    let Some(body) = &function.body else { return };
    let (inner, stmts) = crate::syntax::inner_attributes(body.stream());
    let moved = sig.inputs.iter_mut().enumerate().map(take_in);
    // The edition of its braces decides when the temporaries at the end of a block are dropped.
    let stmts = enclosed(Delimiter::Brace, body.span(), stmts);
    let hidden = Span::mixed_site().located_at(span);
    let block = enclosed(Delimiter::Brace, hidden, quote!(#(#moved)* #typed #stmts));
    let called = called(either, &krate, span);
    let call = quote_spanned!(span=> #called(async move #block));
    let call =
        if args.boxed { quote_spanned!(span=> #krate::__private::Box::pin(#call)) } else { call };
    let mut rebuilt = Group::new(Delimiter::Brace, quote!(#inner #call));
    rebuilt.set_span(body.span());
    function.body = Some(rebuilt);
}

/// Says what a body returns, before it does: a wrong end is then an error at the end, and not of the whole block.
pub(crate) fn returns(ty: impl ToTokens) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[allow(clippy::all, unused)]
        if false {
            let ended: #ty = loop {};
            return ended;
        }
    }
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
    let mut named = InOpaque { span, within: false, names: Vec::new() };
    for input in &mut sig.inputs {
        if let FnArg::Typed(input) = input {
            named.visit_type_mut(&mut input.ty);
        }
    }
    for name in named.names {
        sig.generics.params.insert(0, parse_quote!(#name));
    }
}

struct InOpaque {
    span: Span,
    within: bool,
    names: Vec<Lifetime>,
}

impl InOpaque {
    fn name(&mut self) -> Lifetime {
        let name = Lifetime::new(&format!("'leased_{}", self.names.len()), self.span);
        self.names.push(name.clone());
        name
    }
}

impl VisitMut for InOpaque {
    fn visit_type_impl_trait_mut(&mut self, opaque: &mut TypeImplTrait) {
        let outer = std::mem::replace(&mut self.within, true);
        visit_mut::visit_type_impl_trait_mut(self, opaque);
        self.within = outer;
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if self.within && reference.lifetime.is_none() {
            reference.lifetime = Some(self.name());
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if self.within && lifetime.ident == "_" {
            *lifetime = self.name();
        }
    }

    // Lifetimes that are elided in these are their own.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
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
        return quote!(#switched let #mutability #name = #name;);
    }
    let name = Ident::new(&format!("__parameter_{nth}"), Span::mixed_site());
    let pattern = std::mem::replace(&mut *input.pat, parse_quote!(#name));
    quote!(#switched let #name = #name; #switched let #pattern = #name;)
}

/// Gives a boxed future a lifetime that everything it borrows outlives.
fn outlive(sig: &mut Signature, lifetime: &Lifetime) {
    let mut elided = Elided { lifetime };
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

struct Elided<'a> {
    lifetime: &'a Lifetime,
}

impl VisitMut for Elided<'_> {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| self.lifetime.clone());
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_type_impl_trait_mut(&mut self, opaque: &mut TypeImplTrait) {
        visit_mut::visit_type_impl_trait_mut(self, opaque);
        opaque.bounds.push(TypeParamBound::Lifetime(self.lifetime.clone()));
    }

    // Lifetimes that are elided in these are their own.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
    }

    fn visit_receiver_mut(&mut self, receiver: &mut Receiver) {
        if let ReceiverKind::Reference(_, lifetime, _) = &mut receiver.kind {
            lifetime.get_or_insert_with(|| self.lifetime.clone());
        }
        visit_mut::visit_receiver_mut(self, receiver);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.lifetime.clone();
        }
    }
}
