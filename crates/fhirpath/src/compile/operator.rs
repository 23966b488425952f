//! Operators between two expressions.

use super::function::merged;
use super::{Compiler, Typed};
use crate::ast::BinaryOp;
use crate::plan::{Logic, Op};

impl Compiler<'_> {
    pub(super) fn binary(&self, op: BinaryOp, left: Typed, right: Typed) -> Typed {
        let (l, r) = (Box::new(left.op), Box::new(right.op));
        let logic = match op {
            BinaryOp::And => Logic::And,
            BinaryOp::Or => Logic::Or,
            BinaryOp::Xor => Logic::Xor,
            BinaryOp::Implies => Logic::Implies,
            BinaryOp::Equal => return Typed::computed(Op::Equal(l, r, false)),
            BinaryOp::NotEqual => return Typed::computed(Op::Equal(l, r, true)),
            BinaryOp::Union => {
                // What can never be there adds no types.
                let left = if matches!(*l, Op::Empty) { Vec::new() } else { left.types };
                let right = if matches!(*r, Op::Empty) { Vec::new() } else { right.types };
                return Typed { op: Op::Union(l, r), types: merged(left, right) };
            }
            _ => return Typed::computed(Op::Binary(op, l, r)),
        };
        Typed::computed(Op::Logic(logic, l, r))
    }
}
