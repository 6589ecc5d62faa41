import { Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { app } from './cdk-app.ts';

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
