import { z } from 'zod';
import { OPERATING_MODES, SERVICES, type Service } from '../../contracts/index.ts';
import type { RosFields, ServiceMapping } from '../mapping.ts';
import { finite, parseFields } from './fields.ts';

/** A service whose fields are parsed by schemas of the ROS side. */
export function mappedService<Req, Res>(
  service: Service<Req, Res>,
  request: { readonly toRos: (request: Req) => object; readonly fields: z.ZodType<Req> },
  response: { readonly toRos: (response: Res) => object; readonly fields: z.ZodType<Res> },
  refusal: (reason: string) => Res,
): ServiceMapping<Req, Res> {
  const { ros_type } = service;
  const form = <T>(side: string, { toRos, fields }: { toRos: (message: T) => object; fields: z.ZodType<T> }) => ({
    toRos,
    fromRos: (given: RosFields) => parseFields(fields, given, `${ros_type}_${side}`),
  });
  return { ros_type, request: form('Request', request), response: form('Response', response), refusal };
}

const same = <T extends object>(message: T): object => message;
const nothing = { toRos: same, fields: z.object({}) };
const answer = { toRos: same, fields: z.object({ success: z.boolean(), message: z.string() }) };
const refused = (reason: string) => ({ success: false, message: reason });

/** Services of the arm's safety and control. */
export const ARM_MAPPINGS = {
  stop: mappedService(SERVICES.safety_stop, nothing, answer, refused),
  set_mode: mappedService(
    SERVICES.safety_set_mode,
    { toRos: same, fields: z.object({ mode: z.enum(OPERATING_MODES), enabled: z.boolean() }) },
    answer,
    refused,
  ),
  set_speed: mappedService(SERVICES.set_speed, { toRos: same, fields: z.object({ speed: finite }) }, answer, refused),
} as const;
