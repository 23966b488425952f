/** The system of the national number that the synthetic people have. */
export const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
