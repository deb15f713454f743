import {isServer} from 'lit';

/** Whether this runs where there is no document; Lit types its own flag for browsers alone. */
export const onServer: boolean = isServer;
