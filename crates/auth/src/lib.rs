//! Token checks: a bearer token to a Subject
