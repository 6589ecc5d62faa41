import { App } from 'aws-cdk-lib/core';
import { VerificationStack } from './verification-stack.ts';

new VerificationStack(new App());
