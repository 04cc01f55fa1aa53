export declare function nodeIsSupported(version: string): boolean;
