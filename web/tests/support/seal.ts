import type { Server } from './server.ts';

/** Seals all resources of a type of a patient against everybody but one doctor. */
export async function seal(server: Server, patient: string, type: string): Promise<void> {
  await server.as(server.system(), 'POST', 'Consent', {
    resourceType: 'Consent',
    meta: { profile: ['urn:accord:profile:seal'] },
    status: 'active',
    scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [coded('urn:accord:codes', 'sealed')],
    patient: { reference: `Patient/${patient}` },
    organization: [{ reference: 'Organization/northgate-hospital' }],
    policyRule: { text: 'sealed by the patient' },
    provision: {
      type: 'deny',
      class: [{ system: 'http://hl7.org/fhir/resource-types', code: type }],
      actor: [
        {
          role: coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'PRCP'),
          reference: { reference: 'Practitioner/dr-almond' },
        },
      ],
    },
  });
}

const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
