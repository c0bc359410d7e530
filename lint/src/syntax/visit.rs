//! Goes through an expression and everything in it.

use super::{Block, Expr, Kind, MacroContent, Span, Stmt};

/// Calls `see` for an expression and each one inside of it, outermost first.
pub(crate) fn each<'a>(expr: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    see(expr);
    children(expr, &mut |child| each(child, see));
}

/// Calls `see` for each expression in a block.
pub(crate) fn each_in_block<'a>(block: &'a Block, see: &mut dyn FnMut(&'a Expr)) {
    in_block(block, &mut |child| each(child, see));
}

/// Calls `see` for the span of each statement and each match arm in a block.
pub(crate) fn each_statement(block: &Block, see: &mut dyn FnMut(Span)) {
    let mut blocks: Vec<&Block> = vec![block];
    while let Some(block) = blocks.pop() {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { span, .. } => see(*span),
                Stmt::Expr { expr, .. } => see(expr.span),
            }
        }
        let mut inner = Vec::new();
        in_block(block, &mut |expr| collect_blocks(expr, &mut inner, see));
        blocks.extend(inner);
    }
}

fn collect_blocks<'a>(expr: &'a Expr, found: &mut Vec<&'a Block>, see: &mut dyn FnMut(Span)) {
    match &expr.kind {
        Kind::Block { block, .. } | Kind::Async { block, .. } | Kind::Loop { body: block, .. } => {
            found.push(block);
        }
        Kind::While { body, .. } | Kind::For { body, .. } => found.push(body),
        Kind::If { then, otherwise, .. } => {
            found.push(then);
            if let Some(otherwise) = otherwise {
                collect_blocks(otherwise, found, see);
            }
        }
        Kind::Match { arms, .. } => {
            for arm in arms {
                see(arm.body.span);
            }
            children(expr, &mut |child| collect_blocks(child, found, see));
        }
        _ => children(expr, &mut |child| collect_blocks(child, found, see)),
    }
}

fn in_block<'a>(block: &'a Block, see: &mut dyn FnMut(&'a Expr)) {
    for stmt in &block.stmts {
        match stmt {
            Stmt::Let { init, diverge, .. } => {
                init.iter().chain(diverge.as_deref()).for_each(&mut *see);
            }
            Stmt::Expr { expr, .. } => see(expr),
        }
    }
}

fn children<'a>(expr: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        Kind::Path(_) | Kind::Lit(_) | Kind::Continue { .. } => {}
        Kind::Field { base, .. } => see(base),
        Kind::Index { base, index } => {
            see(base);
            see(index);
        }
        Kind::Call { func, args } => {
            see(func);
            args.iter().for_each(see);
        }
        Kind::Method { receiver, args, .. } => {
            see(receiver);
            args.iter().for_each(see);
        }
        Kind::Await { base, .. } => see(base),
        Kind::Try(inner) | Kind::Ref { expr: inner } | Kind::Deref(inner) => see(inner),
        Kind::Cast { expr: inner, .. } | Kind::Let { expr: inner, .. } => see(inner),
        Kind::Binary { left, right, .. } | Kind::Assign { left, right } => {
            see(left);
            see(right);
        }
        Kind::Block { block, .. } | Kind::Async { block, .. } | Kind::Loop { body: block, .. } => {
            in_block(block, see);
        }
        Kind::Closure { body, .. } => see(body),
        Kind::If { cond, then, otherwise } => {
            see(cond);
            in_block(then, see);
            if let Some(otherwise) = otherwise {
                see(otherwise);
            }
        }
        Kind::Match { scrutinee, arms } => {
            see(scrutinee);
            for arm in arms {
                arm.guard.iter().for_each(&mut *see);
                see(&arm.body);
            }
        }
        Kind::While { cond, body, .. } => {
            see(cond);
            in_block(body, see);
        }
        Kind::For { iter, body, .. } => {
            see(iter);
            in_block(body, see);
        }
        Kind::Return(value) | Kind::Break { value, .. } | Kind::Yield(value) => {
            if let Some(value) = value {
                see(value);
            }
        }
        Kind::Struct { fields, rest, .. } => {
            fields.iter().for_each(|(_, value)| see(value));
            if let Some(rest) = rest {
                see(rest);
            }
        }
        Kind::Tuple(list) | Kind::Array(list) | Kind::Other(list) => list.iter().for_each(see),
        Kind::Macro(call) => match &call.content {
            MacroContent::Args(args) => args.iter().for_each(see),
            MacroContent::Body(block) | MacroContent::Expanded(block) => in_block(block, see),
            MacroContent::Select(branches) => {
                for branch in branches {
                    branch.future.iter().for_each(&mut *see);
                    branch.guard.iter().for_each(&mut *see);
                    see(&branch.body);
                }
            }
            MacroContent::Tokens { .. } => {}
        },
    }
}
