//! Access records, Merkle trees, checkpoints, proofs; pure
