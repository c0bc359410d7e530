//! Reads the items of a file.

use std::sync::Arc;

use syn::parse::Parse;
use syn::{FnArg, ImplItem, Item, ReceiverKind, TraitItem, UseTree};
use ustr::Ustr;

use super::blank::{blank, may_wait};
use super::body::Reader;
use super::locate::{Locator, prologue};
use super::macro_rules::{self, MacroTable};
use super::task_local;
use super::test_code::is_test;
use super::types::{bounds, generics, name, names, path, returned, ty};
use super::{
    Field, Function, Impl, Items, MacroDef, ModulePath, Owner, Param, Pat, Receiver, Span, Static,
    TraitDef, Ty, TypeDef, TypeKind, Use,
};

/// Reads a file's text into its items. Macros of the table are expanded.
///
/// # Errors
/// The line and the message of the first mistake.
pub(crate) fn parse(text: &str, macros: Option<&MacroTable>) -> Result<Items, (usize, String)> {
    // Also after a panic, the parser begins anew.
    proc_macro2::extra::invalidate_current_thread_spans();
    let skipped = prologue(text);
    let read = blank(text);
    let file = syn::parse_file(&read[skipped..]);
    let file = file.map_err(|error| (error.span().start().line, error.to_string()));
    let items = file.map(|file| {
        let mut lowering = Lowering {
            text,
            items: Items::default(),
            reader: Reader {
                locator: Locator::new(&read, skipped),
                macros,
                nested: Vec::new(),
                macro_calls: Vec::new(),
                depth: 0,
                expansions: 0,
            },
            module: Arc::from([]),
            test: false,
        };
        lowering.list(&file.items);
        lowering.items.macro_calls = std::mem::take(&mut lowering.reader.macro_calls);
        lowering.items.macro_calls.sort_unstable();
        lowering.items.macro_calls.dedup();
        lowering.items
    });
    proc_macro2::extra::invalidate_current_thread_spans();
    items
}

struct Lowering<'a> {
    text: &'a str,
    items: Items,
    reader: Reader<'a>,
    module: ModulePath,
    test: bool,
}

impl Lowering<'_> {
    fn list(&mut self, items: &[Item]) {
        for item in items {
            self.item(item);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(node) => {
                self.function(&node.sig, Some(&node.block), &node.attrs, Owner::None);
            }
            Item::Impl(node) => self.implementation(node),
            Item::Trait(node) => self.trait_def(node),
            Item::Struct(node) => {
                let kind = TypeKind::Struct(fields(&node.fields));
                self.type_def(&node.ident, &node.generics, kind);
            }
            Item::Union(node) => {
                let fields = node.fields.named.iter().enumerate().map(field).collect();
                self.type_def(&node.ident, &node.generics, TypeKind::Struct(fields));
            }
            Item::Enum(node) => {
                let variants = node
                    .variants
                    .iter()
                    .map(|variant| (name(&variant.ident), fields(&variant.fields)))
                    .collect();
                self.type_def(&node.ident, &node.generics, TypeKind::Enum(variants));
            }
            Item::Type(node) => {
                self.type_def(&node.ident, &node.generics, TypeKind::Alias(ty(&node.ty)));
            }
            Item::Use(node) => self.use_tree(&node.tree, &mut Vec::new()),
            Item::ExternCrate(node) => {
                let visible = node.rename.as_ref().map_or(&node.ident, |(_, to)| to);
                self.bring(Some(name(visible)), &[name(&node.ident)]);
            }
            Item::Static(node) => self.static_item(&node.ident, ty(&node.ty)),
            Item::Const(node) => self.static_item(&node.ident, ty(&node.ty)),
            Item::Mod(node) => self.module(node),
            Item::Macro(node) => self.macro_item(node),
            _ => {}
        }
    }

    fn macro_item(&mut self, node: &syn::ItemMacro) {
        if let Some(name) = macro_rules::defined(node) {
            self.items.macros.push(MacroDef { name, rules: node.mac.tokens.to_string() });
            return;
        }
        let called = node.mac.path.segments.last().map(|segment| segment.ident.to_string());
        if called.as_deref().is_some_and(|name| name.starts_with("cfg_")) {
            if let Ok(file) = syn::parse2::<syn::File>(node.mac.tokens.clone()) {
                self.list(&file.items);
            }
            return;
        }
        if called.as_deref() == Some("task_local") {
            for declared in task_local::declared(&node.mac.tokens) {
                self.static_item(&declared.name, declared.ty());
            }
            return;
        }
        self.expanded(&node.mac, |lowering, item: Item| lowering.item(&item));
    }

    /// Reads each of the items that a macro by example makes.
    fn expanded<T: Parse>(&mut self, call: &syn::Macro, mut read: impl FnMut(&mut Self, T)) {
        let Some(made) = self.reader.expanded_items(call) else { return };
        self.reader.depth += 1;
        made.into_iter().for_each(|item| read(self, item));
        self.reader.depth -= 1;
    }

    fn static_item(&mut self, ident: &syn::Ident, ty: Ty) {
        self.items.statics.push(Static { module: self.module.clone(), name: name(ident), ty });
    }

    fn module(&mut self, node: &syn::ItemMod) {
        let mut inner: Vec<Ustr> = self.module.to_vec();
        inner.push(name(&node.ident));
        let Some((_, content)) = &node.content else {
            if self.test || is_test(&node.attrs) {
                self.items.test_modules.push(inner.into());
            }
            return;
        };
        let outer = (self.module.clone(), self.test);
        self.module = inner.into();
        self.test |= is_test(&node.attrs);
        self.items.modules.push(self.module.clone());
        self.list(content);
        (self.module, self.test) = outer;
    }

    fn type_def(&mut self, ident: &syn::Ident, declared: &syn::Generics, kind: TypeKind) {
        self.items.types.push(TypeDef {
            module: self.module.clone(),
            name: name(ident),
            generics: generics(declared),
            kind,
        });
    }

    fn use_tree(&mut self, tree: &UseTree, prefix: &mut Vec<Ustr>) {
        match tree {
            UseTree::Path(node) => {
                prefix.push(name(&node.ident));
                self.use_tree(&node.tree, prefix);
                prefix.pop();
            }
            UseTree::Group(node) => {
                for tree in &node.items {
                    self.use_tree(tree, prefix);
                }
            }
            UseTree::Name(node) => self.imported(&node.ident, &node.ident, prefix),
            UseTree::Rename(node) => self.imported(&node.ident, &node.rename, prefix),
            UseTree::Glob(_) => self.bring(None, prefix),
        }
    }

    fn imported(&mut self, ident: &syn::Ident, visible: &syn::Ident, prefix: &[Ustr]) {
        let mut target = prefix.to_vec();
        let own = ident == "self";
        if !own {
            target.push(name(ident));
        }
        let visible = match own && visible == "self" {
            true => target.last().copied().unwrap_or_default(),
            false => name(visible),
        };
        self.bring(Some(visible), &target);
    }

    /// Notes what a path brings to the module: by a name, or all that is there.
    fn bring(&mut self, name: Option<Ustr>, target: &[Ustr]) {
        self.items.uses.push(Use { module: self.module.clone(), name, target: target.into() });
    }

    fn implementation(&mut self, node: &syn::ItemImpl) {
        let assoc = node
            .items
            .iter()
            .filter_map(|item| match item {
                ImplItem::Type(assoc) => Some((name(&assoc.ident), ty(&assoc.ty))),
                _ => None,
            })
            .collect();
        let outer = self.test;
        self.test |= is_test(&node.attrs);
        let position = self.items.impls.len();
        self.items.impls.push(Impl {
            module: self.module.clone(),
            generics: generics(&node.generics),
            trait_path: node.trait_.as_ref().map(|(trait_path, _)| path(trait_path, None)),
            self_ty: ty(&node.self_ty),
            assoc,
            test: self.test,
        });
        for item in &node.items {
            self.impl_item(item, position);
        }
        self.test = outer;
    }

    fn impl_item(&mut self, item: &ImplItem, position: usize) {
        match item {
            ImplItem::Fn(function) => {
                let owner = Owner::Impl(position);
                let block = Some(&function.block);
                self.function(&function.sig, block, &function.attrs, owner);
            }
            ImplItem::Macro(node) => {
                self.expanded(&node.mac, |lowering, item: ImplItem| {
                    lowering.impl_item(&item, position);
                });
            }
            _ => {}
        }
    }

    fn trait_def(&mut self, node: &syn::ItemTrait) {
        let position = self.items.traits.len();
        self.items.traits.push(TraitDef {
            module: self.module.clone(),
            name: name(&node.ident),
            supertraits: bounds(node.supertraits.iter()),
            assoc: node
                .items
                .iter()
                .filter_map(|item| match item {
                    TraitItem::Type(assoc) => {
                        Some((name(&assoc.ident), bounds(assoc.bounds.iter())))
                    }
                    _ => None,
                })
                .collect(),
        });
        for item in &node.items {
            if let TraitItem::Fn(function) = item {
                let owner = Owner::Trait(position);
                let block = function.default.as_ref();
                self.function(&function.sig, block, &function.attrs, owner);
            }
        }
    }

    fn function(
        &mut self,
        sig: &syn::Signature,
        block: Option<&syn::Block>,
        attrs: &[syn::Attribute],
        owner: Owner,
    ) {
        let start = sig.asyncness.map_or(sig.fn_token.span, |token| token.span);
        let end = block.map_or(sig.ident.span(), |block| block.brace_token.span.close());
        let span = self.reader.at(start).to(self.reader.at(end));
        let waits = sig.asyncness.is_some()
            || self.text.get(span.lo as usize..span.hi as usize).is_some_and(may_wait);
        let body = block.filter(|_| waits).map(|block| self.reader.block(block));
        let nested = std::mem::take(&mut self.reader.nested);
        let receiver = sig.receiver().map(|receiver| Receiver {
            by_ref: matches!(receiver.kind, ReceiverKind::Reference(..)),
        });
        let function = Function {
            module: self.module.clone(),
            owner,
            name: name(&sig.ident),
            name_span: self.reader.at(sig.ident.span()),
            is_async: sig.asyncness.is_some(),
            test: self.test || is_test(attrs),
            attrs: attrs.iter().map(|attr| names(attr.path())).collect(),
            generics: generics(&sig.generics),
            receiver,
            params: sig.inputs.iter().filter_map(|input| self.param(input)).collect(),
            ret: returned(&sig.output),
            body,
            has_body: block.is_some(),
        };
        self.items.functions.push(function);
        self.list(&nested);
    }

    fn param(&mut self, input: &FnArg) -> Option<Param> {
        let FnArg::Typed(typed) = input else { return None };
        let pat: Pat = self.reader.pat(&typed.pat);
        let colon = self.reader.at(typed.colon_token.span);
        let first = match &*typed.pat {
            syn::Pat::Ident(bound) => Some(bound.ident.span()),
            syn::Pat::TupleStruct(of) => of.path.segments.first().map(|of| of.ident.span()),
            _ => None,
        };
        let span = match first.map(|first| self.reader.at(first)) {
            Some(first) if first.lo < colon.lo => Span { lo: first.lo, hi: colon.lo },
            _ => colon,
        };
        Some(Param { pat, ty: ty(&typed.ty), span })
    }
}

fn fields(declared: &syn::Fields) -> Vec<Field> {
    declared.iter().enumerate().map(field).collect()
}

fn field((position, declared): (usize, &syn::Field)) -> Field {
    let name = match &declared.ident {
        Some(ident) => name(ident),
        None => ustr::ustr(&position.to_string()),
    };
    Field { name, ty: ty(&declared.ty) }
}
