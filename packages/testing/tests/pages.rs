//! Pages of the book that list tests list them all.

use leasehold_testing::cases::documented;

#[test]
fn the_differential_table_names_every_case() {
    let page = include_str!("../../../docs/akash-differential.md");
    let cases = [
        include_str!("akash/settlement.rs"),
        include_str!("akash/defects.rs"),
    ];
    documented(page, &cases).unwrap();
}
