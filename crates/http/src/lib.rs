//! Routes, negotiation and error mapping; no business rule
