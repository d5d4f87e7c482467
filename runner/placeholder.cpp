namespace pgrehearse {}
