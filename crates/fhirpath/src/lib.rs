//! FHIRPath: parse, compile, evaluate; pure
