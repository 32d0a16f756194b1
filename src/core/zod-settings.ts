import { config } from 'zod';

// zod would compile each schema into code, which a checklist's few hundred values never earn back. A schema looks at this when it
// is made, so that this module has to come before those that make one.
config({ jitless: true });
