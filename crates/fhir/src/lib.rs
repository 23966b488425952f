//! R4 as data: lossless JSON, references, partial dates, decimals, OperationOutcome
