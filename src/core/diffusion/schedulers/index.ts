export {schedulerSchema, type SchedulerConfig} from './config.js';
export {createSchedule, type Schedule, type ScheduleOptions, type StepResult} from './schedule.js';
